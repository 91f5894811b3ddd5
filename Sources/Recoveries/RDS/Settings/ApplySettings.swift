import AWSClient
import Platform
import RunEngine
import RunJournal

/// Puts back what a restore does not carry over: what the plan states, and for the rest what the
/// instance, or the cluster, had that is lost. Waits until it is in force.
struct ApplySettings: ChangingStep {
  typealias Output = InstanceIdentity

  static let kind = "rds.apply-settings"
  static let phase = StepPhase.recover
  /// A modification takes a while to show: one good read right after the call proves nothing.
  static let confirmations = 3

  struct Intent: Codable, Sendable, Equatable {
    let instance: InstanceIdentity
    /// With what the one had that is lost.
    let settings: DatabaseSettings
    /// Tags of the one that is lost.
    let tags: [String: String]
    /// What waits for the maintenance window and is not set off, since there are only tags to put back.
    let queued: [String]?
  }

  let aws: AWSAccess
  let choice: SettingsChoice
  let restoreStep: String
  let planned: PlannedInstance
  let mode: RunMode
  private let streak = Streak()

  init(
    aws: AWSAccess, kind: DatabaseKind = .instance, stated: DatabaseSettings, restoreStep: String,
    sourceStep: String, planned: PlannedInstance, mode: RunMode
  ) {
    self.aws = aws
    choice = SettingsChoice(aws: aws, kind: kind, stated: stated, sourceStep: sourceStep)
    self.restoreStep = restoreStep
    self.planned = planned
    self.mode = mode
  }

  private var kind: DatabaseKind { choice.kind }
  /// A drill's copy has the tags of the plan alone.
  private var putsTagsBack: Bool { mode == .restore }

  var summary: String {
    "apply the settings that a restore does not carry over: the plan's, and what else the lost one had"
  }
  var effects: [PlannedEffect] {
    [PlannedEffect(.changes, "settings of \(planned.identifier) in \(aws.region)")]
  }
  var calls: [PlannedCall] {
    let modification = aws.planModify(
      kind, planned.identifier, choice.stated, tags: planned.tagRule,
      further: choice.groupPermission + choice.rolePermission(in: mode),
      taking: choice.byHand.settings(for: choice.holder, without: choice.othersMatter)
    ).remarking(SourceByHand.settingsRemark)
    return aws.watch(kind, planned.identifier) + [modification] + choice.calls
      + (putsTagsBack
        ? choice.byHand.tagging(kind, planned.identifier, tags: planned.tagRule, with: aws) : [])
  }

  func prepare(_ context: StepContext) async throws -> Intent? {
    let identity = try await unchanged(context)
    let database = try await aws.own(kind, identity, context)
    let tags =
      putsTagsBack
      ? try choice.source(context)?.ownTags.filter { database.tags[$0.key] == nil } ?? [:] : [:]
    let settings = try await choice.settings(context)
    let changes = !settings.differences(from: database.settings).isEmpty
    let intent = Intent(
      instance: identity, settings: settings, tags: tags,
      queued: changes ? [] : database.pendingChanges)
    return missing(of: intent, in: database).isEmpty ? nil : intent
  }

  /// Settings that are there need not be asked for again; to ask twice does no harm.
  func find(_ intent: Intent, _ context: StepContext) async throws -> Existing<Intent> {
    let database = try await aws.own(kind, intent.instance, context)
    return missing(of: intent, in: database).isEmpty ? .ours(intent) : .absent
  }

  func apply(_ intent: Intent, _ context: StepContext) async throws -> Intent {
    let database = try await aws.own(kind, intent.instance, context)
    if DBInstanceStatus(database.status) == .stuck {
      throw await RDSProblems.stuck(database, aws, context)
    }
    if !intent.tags.isEmpty, let arn = database.arn {
      try await aws.send(AddTagsToResource(arn: arn, tags: intent.tags), context)
    }
    guard !intent.settings.differences(from: database.settings).isEmpty else { return intent }
    let (accepted, _) = try await choice.ask(for: intent.settings, context) {
      try await aws.modify(kind, intent.instance.identifier, $0, context)
    }
    return Intent(
      instance: intent.instance, settings: accepted, tags: intent.tags, queued: intent.queued)
  }

  func observe(
    _ intent: Intent, _ identity: Intent, _ context: StepContext
  ) async throws -> Observation<InstanceIdentity> {
    let database = try await aws.own(kind, identity.instance, context)
    let status = DBInstanceStatus(database.status)
    if status == .stuck { throw await RDSProblems.stuck(database, aws, context) }
    let pending = database.pendingChanges.filter { !(identity.queued ?? []).contains($0) }
    // The next step reboots for a group that waits for that, and looks once: not while it is `applying`.
    let missing =
      missing(of: identity, in: database) + pending.map { "\($0) is pending" }
      + database.parameterGroups.filter { !$0.isSettled }.map(\.standing)
    guard status == .usable, missing.isEmpty else {
      streak.reset()
      let detail = missing.isEmpty ? "" : ": \(missing.joined(separator: ", "))"
      return .waiting(Progress(database.status + detail))
    }
    guard streak.extend() >= Self.confirmations else {
      return .waiting(Progress("\(database.status), confirming", isNear: true))
    }
    return .ready(identity.instance)
  }

  func unchanged(_ context: StepContext) async throws -> InstanceIdentity {
    try context.output(of: restoreStep, as: InstanceIdentity.self)
  }

  private func missing(of intent: Intent, in database: ManagedDatabase) -> [String] {
    let tags = intent.tags.filter { database.tags[$0.key] != $0.value }.keys.sorted()
    return intent.settings.differences(from: database.settings)
      + (tags.isEmpty ? [] : ["tags are missing: \(tags.joined(separator: ", "))"])
  }
}
