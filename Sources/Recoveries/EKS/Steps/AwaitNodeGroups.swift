import AWSClient
import Platform
import RunEngine
import RunJournal

/// Waits until a cluster's groups of nodes are active.
struct AwaitNodeGroups: ObservingStep {
  struct Output: Codable, Sendable {
    let names: [String]
  }

  static let kind = "eks.node-groups"
  static let phase = StepPhase.verify

  let aws: AWSAccess
  let cluster: String
  /// Those that the plan names; none for all.
  let names: [String]

  var summary: String {
    names.isEmpty ? "check every node group" : "check node groups \(names.joined(separator: ", "))"
  }
  var calls: [PlannedCall] {
    let one = names.isEmpty ? ["<name>"] : names
    return [aws.plan(ListNodegroups(cluster: cluster))]
      + one.map { aws.plan(DescribeNodegroup(cluster: cluster, name: $0)) }
  }

  func observe(_ context: StepContext) async throws -> Observation<Output> {
    let there = try await aws.send(ListNodegroups(cluster: cluster), context)
    let missing = names.filter { !there.contains($0) }
    guard missing.isEmpty else {
      return .waiting(Progress("there is no node group \(missing.joined(separator: ", "))"))
    }
    let wanted = names.isEmpty ? there : names
    if wanted.isEmpty {
      context.note(
        Finding(.note, "Cluster \(cluster) has no managed node groups; its nodes come otherwise."))
    }
    for name in wanted {
      let group = try await aws.send(DescribeNodegroup(cluster: cluster, name: name), context)
      if let missing = try group.wait(for: "node group", of: "\(cluster) in \(aws.region)") {
        return .waiting(missing)
      }
    }
    return .ready(Output(names: wanted))
  }
}
