import Foundation
import StrictJSON
import Testing

/// What is written for Kubernetes, before a real API server. It belongs to the suite whose lab has one.
extension VeleroDrillTests {
  /// What was sent and what the server made of it must agree: a field that it does not know it drops.
  private func isKept(_ sent: JSONValue, in kept: JSONValue) -> Bool {
    switch (sent, kept) {
    case (.object(let sent), .object(let kept)):
      sent.members.allSatisfy { key, value in kept[key].map { isKept(value, in: $0) } ?? false }
    case (.array(let sent), .array(let kept)):
      sent.count == kept.count && zip(sent, kept).allSatisfy { isKept($0, in: $1) }
    default: sent == kept
    }
  }

  @Test func manifestsOfDrillsAreTakenByAnAPIServerAsTheyAre() throws {
    let plan = try tool.clusterPlan("manifests", ["context: eks-dr": "inCluster: true"])
    let folder = tool.folder.appending(path: "manifests")
    let written = try tool.run(
      "schedule", "write", "--plan", plan, "--kubernetes", folder.path, "--image", "example/m:1",
      "--namespace", "velero")
    #expect(written.status == 0, "\(written.errors)")
    // The lab's API server is 1.20: its CronJobs are a beta, and know no time zone yet.
    let text = try String(
      contentsOfFile: written.output.trimmingCharacters(in: .newlines), encoding: .utf8
    )
    .replacing("batch/v1\"", with: "batch/v1beta1\"")
    .replacing(#/,\n *"timeZone": "Etc\/UTC"/#, with: "")
    let list = try JSONValue(parsing: Array(text.utf8))
    let sent = try #require(list["items"]?.arrayValue)
    let kinds = sent.compactMap { $0["kind"]?.stringValue }
    #expect(
      kinds.filter { $0.hasSuffix("Role") }.map { "\($0)Binding" }
        == kinds.filter { $0.hasSuffix("RoleBinding") })
    #expect(kinds.contains("ClusterRole"))
    let answer = try tool.lab("kubernetes", "dry-run", text)
    let kept = try #require(try JSONValue(parsing: Array(answer.utf8)).arrayValue, "\(answer)")
    #expect(kept.count == sent.count)
    for (sent, kept) in zip(sent, kept) {
      #expect(isKept(sent, in: kept), "\(sent.prettyText())\n\(kept.prettyText())")
    }
  }
}
