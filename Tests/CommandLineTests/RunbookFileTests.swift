import Foundation
import Testing

/// The runbooks that are shipped.
@Suite struct RunbookFileTests {
  private static let plans =
    (try? FileManager.default.contentsOfDirectory(
      at: Tool.root.appending(path: "plans"), includingPropertiesForKeys: nil))?
    .filter { $0.pathExtension == "yaml" }.map { $0.deletingPathExtension().lastPathComponent }
    ?? []

  @Test func thereArePlans() { #expect(Self.plans.contains("rds-prod")) }

  @Test(arguments: plans)
  func theShippedRunbookIsUpToDate(plan: String) throws {
    let tool = try Tool()
    let made = try tool.run(
      "runbook", "--plan", Tool.root.appending(path: "plans/\(plan).yaml").path)
    #expect(made.status == 0, "\(made.errors)")
    let file = Tool.root.appending(path: "runbooks/\(plan).md")
    let shipped = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
    #expect(shipped == made.output, "run: mosaic-dr runbook --plan \(plan) > runbooks/\(plan).md")
  }

  @Test(arguments: plans)
  func everyVariableIsSetBeforeItIsUsed(plan: String) throws {
    let file = Tool.root.appending(path: "runbooks/\(plan).md")
    var known: Set<String> = []
    var isInside = false
    for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") {
      if line.hasPrefix("```") { isInside = line == "```sh" }
      guard isInside else { continue }
      for use in line.matches(of: /\$\{([a-z_0-9]+)\}/) {
        #expect(known.contains(String(use.output.1)), "\(plan): \(use.output.1)")
      }
      if let set = line.firstMatch(of: /^([a-z_0-9]+)=\$\(/) { known.insert(String(set.output.1)) }
    }
  }

  /// A cluster of EKS is in nobody's kubeconfig: one is made first, and every command names it.
  @Test func commandsForEKSUseAKubeconfigOfTheirOwn() throws {
    let file = Tool.root.appending(path: "runbooks/eks-graph.md")
    let text = try String(contentsOf: file, encoding: .utf8)
      .replacing(#/\x20\\\n\x20*/#, with: " ")
    let made =
      "aws eks update-kubeconfig --region us-west-2 --name mosaic-dr "
      + "--kubeconfig eks-us-west-2-mosaic-dr.kubeconfig"
    let before = try #require(text.ranges(of: made).first).lowerBound
    let commands = text.ranges(of: #/(?m)(?:^|\()(?:kubectl|velero)\x20/#)
    #expect(commands.count > 10)
    for command in commands {
      #expect(command.lowerBound > before)
      let rest = text[command.upperBound...].prefix(60)
      #expect(rest.hasPrefix("--kubeconfig eks-us-west-2-mosaic-dr.kubeconfig "), "\(rest)")
    }
  }
}
