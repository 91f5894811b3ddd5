import AWSClient
import Platform
import RunEngine
import RunJournal

/// Gives a promoted replica the standby that the plan asks for, or that the lost instance had. A promotion
/// makes none. It comes after what users wait for, since it takes long and takes nothing from them; that it
/// cannot be had is told, and no reason to fail.
struct AddStandby: ChangingStep {
  typealias Output = InstanceIdentity

  static let kind = "rds.add-standby"
  static let phase = StepPhase.recover
  /// A modification takes a while to show: one good read right after the call proves nothing.
  private static let confirmations = 3

  struct Intent: Codable, Sendable, Equatable {
    let instance: InstanceIdentity
  }

  struct Identity: Codable, Sendable, Equatable {
    let instance: InstanceIdentity
    /// Whether RDS took the call.
    let isAccepted: Bool
  }

  let aws: AWSAccess
  /// What the plan says; nil for what the lost instance had.
  let stated: Bool?
  let instanceStep: String
  let sourceStep: String
  let planned: PlannedInstance
  private let streak = Streak()

  init(
    aws: AWSAccess, stated: Bool?, instanceStep: String, sourceStep: String,
    planned: PlannedInstance
  ) {
    self.aws = aws
    self.stated = stated
    self.instanceStep = instanceStep
    self.sourceStep = sourceStep
    self.planned = planned
  }

  var summary: String {
    stated == nil
      ? "add a standby in another zone, if the lost instance had one"
      : "add a standby in another zone"
  }
  var effects: [PlannedEffect] {
    [PlannedEffect(.changes, "\(planned.identifier) in \(aws.region): a standby in another zone")]
  }
  var calls: [PlannedCall] {
    var settings = DatabaseSettings()
    settings.multiAZ = stated
    var modification = aws.plan(
      ModifyDBInstance(identifier: planned.identifier, settings: settings), tags: planned.tagRule
    ).waiting(with: aws.untilAvailable(planned.identifier))
    if stated == nil {
      modification = modification.taking(SourceByHand(sourceStep: sourceStep).standby)
    }
    return aws.watch(planned.identifier) + [modification]
  }

  func prepare(_ context: StepContext) async throws -> Intent? {
    let identity = try await unchanged(context)
    let source = try context.output(of: sourceStep, as: ReadSource.Output.self).source
    guard stated ?? source?.settings.multiAZ ?? false else { return nil }
    return try await aws.own(identity, context).isMultiAZ ? nil : Intent(instance: identity)
  }

  /// A standby that is there, or is being made, need not be asked for again; to ask twice does no harm.
  func find(_ intent: Intent, _ context: StepContext) async throws -> Existing<Identity> {
    let instance = try await aws.own(intent.instance, context)
    return instance.isMultiAZ || instance.pendingChanges.contains("MultiAZ")
      ? .ours(Identity(instance: intent.instance, isAccepted: true)) : .absent
  }

  func apply(_ intent: Intent, _ context: StepContext) async throws -> Identity {
    try await aws.checkUsable(intent.instance, context)
    var settings = DatabaseSettings()
    settings.multiAZ = true
    do {
      _ = try await aws.send(
        ModifyDBInstance(identifier: intent.instance.identifier, settings: settings), context)
      return Identity(instance: intent.instance, isAccepted: true)
    } catch let error as AWSError where Self.isRefusal(error) {
      context.note(
        Finding(
          .warning,
          "\(intent.instance.identifier) has no standby in another zone: \(error.reason)"))
      return Identity(instance: intent.instance, isAccepted: false)
    }
  }

  /// What another try would be told as well.
  private static func isRefusal(_ error: AWSError) -> Bool {
    guard let code = error.code else { return false }
    return code.hasPrefix("InvalidParameter")
      || [
        "InsufficientDBInstanceCapacity", "StorageQuotaExceeded", "InvalidVPCNetworkStateFault",
        "DBSubnetGroupDoesNotCoverEnoughAZs", "StorageTypeNotSupported",
        "ProvisionedIopsNotAvailableInAZFault",
      ].contains(code)
  }

  func observe(
    _ intent: Intent, _ identity: Identity, _ context: StepContext
  ) async throws -> Observation<InstanceIdentity> {
    guard identity.isAccepted else { return .ready(identity.instance) }
    let instance = try await aws.own(identity.instance, context)
    let status = DBInstanceStatus(instance.status)
    if status == .stuck { throw await RDSProblems.stuck(instance, aws, context) }
    guard status == .usable, instance.isMultiAZ, instance.pendingChanges.isEmpty else {
      streak.reset()
      return .waiting(Progress("\(instance.status), no standby yet"))
    }
    guard streak.extend() >= Self.confirmations else {
      return .waiting(Progress("\(instance.status), confirming", isNear: true))
    }
    return .ready(identity.instance)
  }

  func unchanged(_ context: StepContext) async throws -> InstanceIdentity {
    try context.output(of: instanceStep, as: InstanceRecord.self).identity
  }
}
