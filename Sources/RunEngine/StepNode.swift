public import RunJournal
import StrictJSON

/// A step in its place in the graph, with its type erased.
public struct StepNode: Sendable {
  /// The identifier, as in `core-db.restore`.
  public let id: String
  /// The component it works for; nil for the run as a whole.
  public let component: String?
  /// The kind of step.
  public let kind: String
  /// The phase.
  public let phase: StepPhase
  /// What it needs.
  public let dependsOn: [String]
  /// What it does, in a few words.
  public let summary: String
  /// What it does to the world.
  public let effects: [PlannedEffect]
  /// The calls it may make.
  public let calls: [PlannedCall]
  /// The calls that remove again what it makes.
  public let wayBack: [PlannedCall]
  /// Bounds and retries.
  public let policy: StepPolicy
  let isComputing: Bool
  let body: StepBody

  /// Places a step that only looks.
  public init<S: ObservingStep>(
    _ id: String, _ step: S, component: String?, dependsOn: [String], policy: StepPolicy
  ) {
    self.init(
      id: id, component: component, kind: S.kind, phase: S.phase, dependsOn: dependsOn,
      summary: step.summary, effects: step.effects, calls: step.calls, policy: policy,
      isComputing: S.isComputing,
      body: .observing { context in try (await step.observe(context)).erased() })
  }

  /// Places a step that changes something.
  public init<S: ChangingStep>(
    _ id: String, _ step: S, component: String?, dependsOn: [String], policy: StepPolicy
  ) {
    self.init(
      id: id, component: component, kind: S.kind, phase: S.phase, dependsOn: dependsOn,
      summary: step.summary, effects: step.effects, calls: step.calls,
      wayBack: (step as? any RemovableStep)?.removalCalls ?? [], policy: policy,
      isComputing: S.isComputing,
      body: .changing(ErasedChange(step)))
  }

  /// Places the removal of what `origin` makes. It runs whatever became of the steps before it.
  public init<S: RemovableStep>(
    removing step: S, madeBy origin: String, as id: String, component: String?,
    dependsOn: [String], policy: StepPolicy
  ) {
    self.init(
      id: id, component: component, kind: "\(S.kind).removal", phase: .cleanup,
      dependsOn: dependsOn, summary: step.removalSummary, effects: step.removalEffects,
      calls: step.removalCalls, policy: policy, isComputing: S.isComputing,
      body: .removing(
        Removal(
          record: RunCreation.StepRecord.Removal(of: origin, what: step.made, cost: step.cost),
          appearsWithin: step.appearsWithin, find: ErasedChange(step).find,
          remove: { identity, context in
            try (await step.remove(identity.decode(), context)).erased()
          })))
  }

  private init(
    id: String, component: String?, kind: String, phase: StepPhase, dependsOn: [String],
    summary: String, effects: [PlannedEffect], calls: [PlannedCall],
    wayBack: [PlannedCall] = [], policy: StepPolicy, isComputing: Bool, body: StepBody
  ) {
    self.id = id
    self.component = component
    self.kind = kind
    self.phase = phase
    self.dependsOn = dependsOn
    self.summary = summary
    self.effects = effects
    self.calls = calls
    self.wayBack = wayBack
    self.policy = policy
    self.isComputing = isComputing
    self.body = body
  }

  /// The same step, waiting for more.
  public func waiting(for more: [String]) -> StepNode {
    StepNode(
      id: id, component: component, kind: kind, phase: phase, dependsOn: dependsOn + more,
      summary: summary, effects: effects, calls: calls, wayBack: wayBack, policy: policy,
      isComputing: isComputing, body: body)
  }

  /// Whether the step runs even when what it depends on failed.
  public var runsAlways: Bool { if case .removing = body { true } else { false } }

  /// The step whose result this one removes.
  public var removalOf: String? {
    if case .removing(let removal) = body { removal.record.of } else { nil }
  }

  /// Whether the step changes something outside.
  public var changesSomething: Bool { if case .observing = body { false } else { true } }

  /// The step as the journal keeps it.
  public var record: RunCreation.StepRecord {
    RunCreation.StepRecord(
      id: id, kind: kind, component: component, phase: phase, dependsOn: dependsOn,
      summary: summary, removal: removal)
  }

  private var removal: RunCreation.StepRecord.Removal? {
    if case .removing(let removal) = body { removal.record } else { nil }
  }
}

/// Bounds and retries of a step.
public struct StepPolicy: Sendable {
  /// The bound on the step, from its start in this process. A look that is still under way half a minute later
  /// is cancelled.
  public var timeout: Duration
  /// How often it is tried when it fails in a way that may go away.
  public var attempts: Int
  /// How long it usually takes; weighs the critical path before anything was measured.
  public var expected: Duration
  /// Whether it waits for a person rather than for the cloud.
  public var waitsForPerson: Bool

  /// Creates a policy.
  public init(
    timeout: Duration, attempts: Int = 5, expected: Duration = .seconds(2),
    waitsForPerson: Bool = false
  ) {
    self.timeout = timeout
    self.attempts = attempts
    self.expected = expected
    self.waitsForPerson = waitsForPerson
  }
}

/// What the engine can do with a step, whatever its types.
enum StepBody: Sendable {
  typealias Look = @Sendable (StepContext) async throws -> Observation<JSONValue>
  typealias Find = @Sendable (JSONValue, StepContext) async throws -> Existing<JSONValue>

  case observing(Look)
  case changing(ErasedChange)
  case removing(Removal)
}

/// The removal of what another step made.
struct Removal: Sendable {
  typealias Remove = @Sendable (JSONValue, StepContext) async throws -> Observation<JSONValue>

  let record: RunCreation.StepRecord.Removal
  let appearsWithin: Duration
  let find: StepBody.Find
  let remove: Remove
}

/// A changing step over JSON: intents and identities are exactly what the journal keeps.
struct ErasedChange: Sendable {
  let prepare: @Sendable (StepContext) async throws -> JSONValue?
  let find: StepBody.Find
  let apply: @Sendable (JSONValue, StepContext) async throws -> JSONValue
  let observe: @Sendable (JSONValue, JSONValue, StepContext) async throws -> Observation<JSONValue>
  let unchanged: @Sendable (StepContext) async throws -> JSONValue

  init<S: ChangingStep>(_ step: S) {
    prepare = { context in try (await step.prepare(context)).map { try JSONValue(encoding: $0) } }
    find = { intent, context in
      switch try await step.find(intent.decode(), context) {
      case .absent: .absent
      case .ours(let identity): .ours(try JSONValue(encoding: identity))
      case .foreign(let what): .foreign(what)
      }
    }
    apply = { intent, context in
      try JSONValue(encoding: await step.apply(intent.decode(), context))
    }
    observe = { intent, identity, context in
      try (await step.observe(intent.decode(), identity.decode(), context)).erased()
    }
    unchanged = { context in try JSONValue(encoding: await step.unchanged(context)) }
  }
}

extension Observation where Output: Encodable {
  func erased() throws -> Observation<JSONValue> {
    switch self {
    case .ready(let output): .ready(try JSONValue(encoding: output))
    case .waiting(let progress): .waiting(progress)
    }
  }
}
