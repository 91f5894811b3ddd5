import AWSClient
import Platform
import RunEngine
import RunJournal

/// Waits until a cluster's add-ons are active: without them pods get no address, no name and no volume.
struct AwaitAddons: ObservingStep {
  struct Output: Codable, Sendable {
    /// From names to versions.
    let versions: [String: String]
  }

  static let kind = "eks.add-ons"
  static let phase = StepPhase.verify

  let aws: AWSAccess
  let cluster: String
  let names: [String]

  var summary: String { "check add-ons \(names.joined(separator: ", "))" }
  var calls: [PlannedCall] { names.map { aws.plan(DescribeAddon(cluster: cluster, name: $0)) } }

  func observe(_ context: StepContext) async throws -> Observation<Output> {
    var versions: [String: String] = [:]
    for name in names {
      let addon: EKSPart
      do {
        addon = try await aws.send(DescribeAddon(cluster: cluster, name: name), context)
      } catch let error as AWSError where error.code == "ResourceNotFoundException" {
        throw Problem(
          "an add-on is missing", on: "\(name) of \(cluster) in \(aws.region)",
          because: "EKS does not know it",
          fix: "Add it to the cluster's infrastructure code, or take it out of the plan.")
      }
      if let missing = try addon.wait(for: "add-on", of: "\(cluster) in \(aws.region)") {
        return .waiting(missing)
      }
      versions[name] = addon.version ?? ""
    }
    return .ready(Output(versions: versions))
  }
}
