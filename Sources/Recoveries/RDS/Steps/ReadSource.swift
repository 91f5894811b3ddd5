import AWSClient
import Platform
import RunEngine
import RunJournal
import StrictJSON

/// What is known of the instance that is lost: as it is, as an earlier run saw it, or nothing.
struct SourceRecord: Sendable, Codable, Equatable {
  let instance: InstanceRecord?
  let settings: InstanceSettings
  let subnetGroup: String?
  let securityGroups: [String]
  let isDeletionProtected: Bool
  let storageType: String?
  let logExports: [String]
  let tags: [String: String]
  let seenAt: Timestamp
}

/// Looks at the instance that is lost while it can still be looked at. What a restore does not carry
/// over is put back and compared by it, and a drill keeps out of its network by it.
struct ReadSource: ObservingStep {
  struct Output: Codable, Sendable {
    let source: SourceRecord?
  }

  static let kind = "rds.read-source"
  static let phase = StepPhase.prepare
  /// A region that is lost may not answer at all: it is not waited for.
  static let patience: Duration = .seconds(15)

  let aws: AWSAccess
  let instance: String
  let earlier: EarlierOutputs

  var summary: String { "look at \(instance) as it is, or as it was last seen" }
  var calls: [PlannedCall] {
    [aws.plan(DescribeDBInstances(identifier: instance), isOptional: true)]
  }

  func observe(_ context: StepContext) async throws -> Observation<Output> {
    let reason: String
    switch try await lookInTime(context) {
    case .found(let instance):
      return .ready(Output(source: Self.record(of: instance, aws.region, context)))
    case .notFound(let why): reason = why
    }
    let remembered = try await earlier.output(of: context.step, as: Output.self)?.source
    let known =
      remembered.map { "what was seen at \($0.seenAt) counts" } ?? "nothing is known of it"
    context.note(
      Finding(
        .note, "\(instance) in \(aws.region) cannot be looked at (\(reason)): \(known)."))
    return .ready(Output(source: remembered))
  }

  private enum Look: Sendable {
    case found(DBInstance)
    case notFound(String)
  }

  private func lookInTime(_ context: StepContext) async throws -> Look {
    try await withThrowingTaskGroup(of: Look.self) { group in
      group.addTask {
        do {
          return try await aws.instance(instance, context).map { .found($0) }
            ?? .notFound("it is gone")
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

  static func record(
    of instance: DBInstance, _ region: String, _ context: StepContext
  ) -> SourceRecord {
    SourceRecord(
      instance: instance.endpoint.map {
        InstanceRecord(
          identifier: instance.identifier, resourceID: instance.resourceID, region: region,
          address: $0.address, port: $0.port, engineVersion: instance.engineVersion,
          instanceClass: instance.instanceClass)
      },
      settings: instance.settings, subnetGroup: instance.subnetGroup,
      securityGroups: instance.securityGroups.map(\.identifier),
      isDeletionProtected: instance.isDeletionProtected, storageType: instance.storageType,
      logExports: instance.logExports, tags: instance.tags, seenAt: context.time.now().wall)
  }
}
