import AWSClient
import Platform
import RunEngine
import RunJournal
import StrictJSON

/// What is known of the instance or cluster that is lost: as it is, as an earlier run saw it, or nothing.
struct SourceRecord: Sendable, Codable, Equatable {
  /// Nil of a cluster.
  let instance: InstanceRecord?
  let settings: DatabaseSettings
  /// Runs of older versions did not note it.
  let details: DatabaseDetails?
  let engineVersion: String?
  let subnetGroup: String?
  let storageType: String?
  let tags: [String: String]
  let seenAt: Timestamp

  var securityGroups: [String] { settings.securityGroups ?? [] }

  /// The tags that somebody gave it: neither AWS nor a run of this program.
  var ownTags: [String: String] {
    tags.filter { !$0.key.hasPrefix("aws:") && !$0.key.hasPrefix("mosaic-dr:") }
  }
}

/// Looks at what is lost while it can still be looked at. What a restore does not carry over is put back
/// and compared by it, and a drill keeps out of its network by it.
struct ReadSource: ObservingStep {
  struct Output: Codable, Sendable {
    let source: SourceRecord?
  }

  enum Subject: Sendable {
    case instance(String)
    case cluster(String)
    /// The instance of a cluster that writes.
    case writer(ofCluster: String)
  }

  static let kind = "rds.read-source"
  static let phase = StepPhase.prepare
  /// A region that is lost may not answer at all: it is not waited for.
  static let patience: Duration = .seconds(15)

  let aws: AWSAccess
  let subject: Subject
  let earlier: EarlierOutputs

  private var name: String {
    switch subject {
    case .instance(let name): name
    case .cluster(let name): "cluster \(name)"
    case .writer(let cluster): "the writer of \(cluster)"
    }
  }

  var summary: String { "look at \(name) as it is, or as it was last seen" }
  var calls: [PlannedCall] {
    let cluster = { aws.plan(DescribeDBClusters(identifier: $0), isOptional: true) }
    let instance = {
      aws.plan(DescribeDBInstances(identifier: $0), isOptional: true)
        .keeping(SourceByHand.kept())
        .remarking(SourceByHand.remark(name, isCluster: false))
    }
    return switch subject {
    case .instance(let name): [instance(name)]
    case .cluster(let name):
      [
        cluster(name).keeping(SourceByHand.kept())
          .remarking(SourceByHand.remark(self.name, isCluster: true))
      ]
    case .writer(let name):
      [cluster(name).finding(.init("writer", at: Self.writer)), instance("<writer>")]
    }
  }
  private static let writer =
    "DBClusters[0].DBClusterMembers[?IsClusterWriter].DBInstanceIdentifier | [0]"

  func observe(_ context: StepContext) async throws -> Observation<Output> {
    let reason: String
    switch try await lookInTime(context) {
    case .found(let record): return .ready(Output(source: record))
    case .notFound(let why): reason = why
    }
    let remembered = try await earlier.output(of: context.step, as: Output.self)?.source
    let known =
      remembered.map { "what was seen at \($0.seenAt) counts" } ?? "nothing is known of it"
    context.note(
      Finding(.note, "\(name) in \(aws.region) cannot be looked at (\(reason)): \(known)."))
    return .ready(Output(source: remembered))
  }

  private enum Look: Sendable {
    case found(SourceRecord)
    case notFound(String)
  }

  private func lookInTime(_ context: StepContext) async throws -> Look {
    try await withThrowingTaskGroup(of: Look.self) { group in
      group.addTask {
        do {
          return try await look(context).map { .found($0) } ?? .notFound("it is gone")
        } catch let error as AWSError {
          return .notFound(error.reason)
        }
      }
      group.addTask {
        try await context.time.sleep(for: Self.patience)
        return .notFound("no answer within \(Self.patience.readable)")
      }
      defer { group.cancelAll() }
      return try await group.next() ?? .notFound("nobody was asked")
    }
  }

  private func look(_ context: StepContext) async throws -> SourceRecord? {
    let now = context.time.now().wall
    switch subject {
    case .instance(let name):
      return try await aws.instance(name, context).map {
        SourceRecord($0, $0.settings, aws.region, seenAt: now)
      }
    case .cluster(let name):
      return try await aws.cluster(name, context).map { SourceRecord($0, seenAt: now) }
    case .writer(let name):
      guard let writer = try await aws.cluster(name, context)?.writer else { return nil }
      return try await aws.instance(writer, context).map {
        SourceRecord($0, $0.settings.of(.clusterMember), aws.region, seenAt: now)
      }
    }
  }
}

extension SourceRecord {
  fileprivate init(
    _ found: DBInstance, _ settings: DatabaseSettings, _ region: String, seenAt: Timestamp
  ) {
    self.init(
      instance: found.endpoint.map {
        InstanceRecord(
          identifier: found.identifier, resourceID: found.resourceID, region: region,
          address: $0.address, port: $0.port, engineVersion: found.engineVersion,
          instanceClass: found.instanceClass)
      },
      settings: settings, details: found.details, engineVersion: found.engineVersion,
      subnetGroup: found.subnetGroup,
      storageType: found.storageType, tags: found.tags, seenAt: seenAt)
  }

  fileprivate init(_ found: DBCluster, seenAt: Timestamp) {
    self.init(
      instance: nil, settings: found.settings.of(.cluster), details: found.details,
      engineVersion: found.engineVersion, subnetGroup: found.subnetGroup, storageType: nil,
      tags: found.tags, seenAt: seenAt)
  }
}
