import AWSClient
import Platform
import RunEngine
import RunJournal

/// Finds where the cluster's writer is reached, by the name that outlives any of its instances.
struct FindClusterEndpoint: ObservingStep {
  typealias Output = InstanceRecord

  static let kind = "aurora.find-endpoint"
  static let phase = StepPhase.recover

  let aws: AWSAccess
  let clusterStep: String
  let writerStep: String

  var summary: String { "find the cluster's endpoint" }
  var calls: [PlannedCall] {
    [
      aws.plan(DescribeDBClusters(identifier: "<cluster>")).finding(
        .init("address", at: "DBClusters[0].Endpoint"), .init("port", at: "DBClusters[0].Port"))
    ]
  }

  func observe(_ context: StepContext) async throws -> Observation<InstanceRecord> {
    let made = try context.output(of: clusterStep, as: ClusterRecord.self)
    let writer = try context.output(of: writerStep, as: InstanceRecord.self)
    guard let cluster = try await aws.cluster(made.identifier, context),
      cluster.resourceID == made.resourceID
    else {
      throw Problem(
        "a cluster is not the one this run made", on: "\(made.identifier) in \(aws.region)",
        because: "the cluster that this run restored is gone or replaced",
        fix: "Look in CloudTrail who did that; then run the plan again.")
    }
    guard let endpoint = cluster.endpoint,
      cluster.members.map({ $0.lowercased() }).contains(writer.identifier)
    else { return .waiting(Progress("the cluster does not show its writer yet", isNear: true)) }
    return .ready(
      InstanceRecord(
        identifier: cluster.identifier, resourceID: cluster.resourceID, region: aws.region,
        address: endpoint.address, port: endpoint.port, engineVersion: cluster.engineVersion,
        instanceClass: writer.instanceClass))
  }
}
