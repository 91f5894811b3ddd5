import AWSClient
import Platform
import RunEngine
import StrictJSON

/// One step's way to AWS: a region, and the record of every call the step makes.
struct AWSAccess: Sendable {
  let client: AWSClient
  let region: String
  private let log: CallLog

  init(client: AWSClient, region: String) {
    self.init(client: client, region: region, log: CallLog())
  }

  private init(client: AWSClient, region: String, log: CallLog) {
    self.client = client
    self.region = region
    self.log = log
  }

  /// The same way with the record of another: for a step that goes to two regions.
  func recording(with other: AWSAccess) -> AWSAccess {
    AWSAccess(client: client, region: region, log: other.log)
  }

  /// Sends a request and keeps the record of the call as the step's evidence, also when it fails.
  func send<Request: AWSRequest>(
    _ request: Request, _ context: StepContext
  ) async throws -> Request.Answer {
    defer {
      if let calls = try? JSONValue(encoding: log.kept) { context.keep("calls", calls) }
      context.keep("call_count", .integer(Int64(log.count)))
    }
    return try await client.send(request, region: region, log: log)
  }

  /// The instance of that name; nil when there is none.
  func instance(_ identifier: String, _ context: StepContext) async throws -> DBInstance? {
    do {
      return try await send(DescribeDBInstances(identifier: identifier), context).first
    } catch let error as AWSError where error.code == "DBInstanceNotFound" {
      return nil
    }
  }

  /// The snapshot of that name; nil when there is none.
  func snapshot(_ identifier: String, _ context: StepContext) async throws -> DBSnapshot? {
    do {
      return try await send(DescribeDBSnapshots(snapshot: identifier), context).snapshots.first
    } catch let error as AWSError where error.code == "DBSnapshotNotFound" {
      return nil
    }
  }

  /// The cluster of that name; nil when there is none.
  func cluster(_ identifier: String, _ context: StepContext) async throws -> DBCluster? {
    do {
      return try await send(DescribeDBClusters(identifier: identifier), context).clusters.first
    } catch let error as AWSError where error.code == "DBClusterNotFoundFault" {
      return nil
    }
  }

  /// Makes sure that a change may be asked of the instance, now or when it has ended what it is at.
  func checkUsable(_ identity: InstanceIdentity, _ context: StepContext) async throws {
    let instance = try await own(identity, context)
    if DBInstanceStatus(instance.status) == .stuck {
      throw await RDSProblems.stuck(instance, self, context)
    }
  }

  /// The instance that this run restored, after making sure that it is still that one.
  func own(_ identity: InstanceIdentity, _ context: StepContext) async throws -> DBInstance {
    guard let instance = try await instance(identity.identifier, context),
      instance.resourceID == identity.resourceID
    else {
      throw RDSProblems.notOurs(
        identity.identifier, region: region,
        because: "the instance that this run restored is gone or replaced")
    }
    return instance
  }
}
