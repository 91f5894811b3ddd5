import AWSClient
import Platform
import RunEngine
import RunJournal

/// Judges whether RDS holds an instance that this run made, or changed, for usable: several reads in
/// a row, since services answer from several places.
struct InstanceReadiness: Sendable {
  /// How often in a row RDS must say that the instance is usable.
  static let confirmations = 3

  let aws: AWSAccess
  let mustBeEncrypted: Bool
  private let streak = Streak()

  init(aws: AWSAccess, mustBeEncrypted: Bool) {
    self.aws = aws
    self.mustBeEncrypted = mustBeEncrypted
  }

  /// The instance is not to be seen: what was counted counts no more.
  func reset() { streak.reset() }

  /// - Parameter queued: changes that were pending before the run had to do with the instance. They wait for
  ///   its maintenance window, and nobody waits for them.
  func judge(
    _ instance: DBInstance, queued: [String] = [], _ context: StepContext
  ) async throws -> Observation<InstanceRecord> {
    switch DBInstanceStatus(instance.status) {
    case .stuck: throw await RDSProblems.stuck(instance, aws, context)
    case .unknown:
      streak.reset()
      context.note(
        Finding(
          .note,
          "RDS gave \(instance.identifier) the status '\(instance.status)', which this version does "
            + "not know; it was waited out."))
      return .waiting(Progress(instance.status))
    case .progressing:
      streak.reset()
      return .waiting(Progress(instance.status))
    case .usable: break
    }
    if let missing = missing(instance, queued: queued) {
      streak.reset()
      return .waiting(Progress("\(instance.status), \(missing)", isNear: true))
    }
    if mustBeEncrypted, !instance.isEncrypted {
      throw RDSProblems.notEncrypted("instance \(instance.identifier)", region: aws.region)
    }
    guard let endpoint = instance.endpoint, streak.extend() >= Self.confirmations else {
      return .waiting(Progress("\(instance.status), confirming", isNear: true))
    }
    return .ready(
      InstanceRecord(
        identifier: instance.identifier, resourceID: instance.resourceID, region: aws.region,
        address: endpoint.address, port: endpoint.port, engineVersion: instance.engineVersion,
        instanceClass: instance.instanceClass))
  }

  /// What an instance still lacks although its status says that it serves.
  private func missing(_ instance: DBInstance, queued: [String]) -> String? {
    if instance.endpoint == nil { return "no endpoint yet" }
    if let group = instance.securityGroups.first(where: { $0.status != "active" }) {
      return "security group \(group.identifier) is \(group.status)"
    }
    // What waits for a reboot is a later step's matter, and what cannot be applied is told by one.
    if let group = instance.parameterGroups.first(where: { !$0.isSettled }) {
      return group.standing
    }
    let pending = instance.pendingChanges.filter { !queued.contains($0) }
    return pending.isEmpty ? nil : "pending: \(pending.joined(separator: ", "))"
  }
}

extension DBInstance {
  /// What is put off until the maintenance window, of an instance that nobody is changing; nil when nothing is.
  var queue: String? {
    pendingChanges.isEmpty
      ? nil
      : "\(identifier) has changes queued for the maintenance window: "
        + pendingChanges.joined(separator: ", ")
  }
}

extension DBInstance.ParameterGroup {
  /// Whether RDS is done with it until somebody acts (RDS API Reference, "DBParameterGroupStatus").
  var isSettled: Bool {
    ["in-sync", "pending-reboot", "pending-database-upgrade", "failed-to-apply"]
      .contains(applyStatus)
  }
  /// For people.
  var standing: String { "parameter group \(name) is \(applyStatus)" }
}
