import Platform
public import RunJournal

/// One kind of step: declared once, in one file. What it needs to know stands in its stored
/// properties; what earlier steps found out it reads from its context.
public protocol Step: Sendable {
  /// What later steps may read, and what the journal keeps.
  associatedtype Output: Codable & Sendable
  /// The kind's name, as in `rds.restore`; part of the journal's format.
  static var kind: String { get }
  /// Which part of a recovery it is.
  static var phase: StepPhase { get }
  /// Whether it keeps a processor busy, as the comparison of two long listings does. Every other step
  /// asks and waits, and runs on the thread that makes the commits.
  static var isComputing: Bool { get }
  /// What it does, in a few words, for people.
  var summary: String { get }
  /// What it makes, changes or deletes outside; nothing for a step that only looks.
  var effects: [PlannedEffect] { get }
  /// The calls it may make, of whatever kind. A test holds the calls that drills make against them.
  var calls: [PlannedCall] { get }
}

extension ChangingStep {
  /// A step that always finds something to do has no output for the other case.
  public func unchanged(_ context: StepContext) async throws -> Output {
    throw Problem(
      "a step decided to do nothing", on: context.step, because: "this cannot happen",
      fix: "This is a defect of this program: please report it.")
  }
}

extension Step {
  /// A step asks and waits unless it says otherwise.
  public static var isComputing: Bool { false }
  /// A step changes nothing unless it says so.
  public var effects: [PlannedEffect] { [] }
  /// A step calls nothing unless it says so.
  public var calls: [PlannedCall] { [] }
}

/// Something a step will do to the world, for those who read a plan before it runs.
public struct PlannedEffect: Sendable, Codable, Equatable {
  /// What is done.
  public enum Verb: String, Sendable, Codable {
    case creates, changes, deletes
  }

  /// What is done.
  public let verb: Verb
  /// To what: the kind, the identifier and the region.
  public let what: String

  /// Creates an effect.
  public init(_ verb: Verb, _ what: String) {
    self.verb = verb
    self.what = what
  }
}

/// A step that only looks: a choice, a check, a wait. It may be repeated at will.
public protocol ObservingStep: Step {
  /// Looks once. A look that outlasts the step's time is cancelled: long work keeps what it has done with
  /// ``StepContext/checkpoint(_:_:)``.
  ///
  /// - Returns: the output, or what is still being waited for; then it is asked again later.
  /// - Throws: what the run's fault classifier calls transient is tried again, anything else is
  ///   the end of the step.
  func observe(_ context: StepContext) async throws -> Observation<Output>
}

/// A step that changes something outside. The engine journals the intent before ``apply`` and the
/// identity after it, and asks ``find`` first whenever it is not known whether an earlier ``apply``
/// took effect.
public protocol ChangingStep: Step {
  /// Exactly what will be asked for.
  associatedtype Intent: Codable & Sendable
  /// What names the thing made or changed, for ever.
  associatedtype Identity: Codable & Sendable

  /// Decides what will be asked for, changing nothing; nil when nothing needs to be done.
  func prepare(_ context: StepContext) async throws -> Intent?
  /// Whether the effect of `intent` is there already.
  func find(_ intent: Intent, _ context: StepContext) async throws -> Existing<Identity>
  /// Asks for the effect, once.
  func apply(_ intent: Intent, _ context: StepContext) async throws -> Identity
  /// Looks how far the effect has come.
  func observe(
    _ intent: Intent, _ identity: Identity, _ context: StepContext
  ) async throws -> Observation<Output>
  /// The output when ``prepare`` found nothing to do.
  func unchanged(_ context: StepContext) async throws -> Output
}

/// A changing step whose result a drill removes again.
public protocol RemovableStep: ChangingStep {
  /// What removing does, in a few words, for people.
  var removalSummary: String { get }
  /// The calls that removing may make.
  var removalCalls: [PlannedCall] { get }
  /// What is removed: kind, identifier and region.
  var made: String { get }
  /// What removing does to the world: it deletes what was made, unless the step says otherwise.
  var removalEffects: [PlannedEffect] { get }
  /// What it costs while it is there, as a sentence.
  var cost: String { get }
  /// How long after the call the thing may not show yet. A call whose answer was lost is held for
  /// without effect only after that time.
  var appearsWithin: Duration { get }
  /// Goes one step towards removal; called again until the thing is gone. It proves right before
  /// deleting that the thing is the one made by this run.
  func remove(_ identity: Identity, _ context: StepContext) async throws -> Observation<Removed>
}

extension RemovableStep {
  /// Removing deletes what was made.
  public var removalEffects: [PlannedEffect] { [PlannedEffect(.deletes, made)] }
  /// Removing calls nothing unless the step says so.
  public var removalCalls: [PlannedCall] { [] }
}

/// The output of a removal.
public struct Removed: Sendable, Codable, Equatable {
  /// What was removed, for people; nil when there was nothing to remove.
  public let what: String?
  /// Why there was nothing to remove.
  public let reason: String?

  /// Something was removed.
  public init(what: String) {
    self.what = what
    reason = nil
  }

  private init(reason: String) {
    what = nil
    self.reason = reason
  }

  /// There was nothing to remove.
  public static func nothing(because reason: String) -> Removed { Removed(reason: reason) }
}

/// What one look found.
public enum Observation<Output: Sendable>: Sendable {
  /// The end is reached.
  case ready(Output)
  /// Not yet.
  case waiting(Progress)
}

/// What a step waits for.
public struct Progress: Sendable, Codable, Equatable {
  /// What is being waited for: `creating`, `backing-up`.
  public let state: String
  /// How far it is, 0 to 100, when the service says so.
  public let percent: Int?
  /// Whether the end is near, so that looking again soon is worth a call.
  public let isNear: Bool

  /// Creates a progress.
  public init(_ state: String, percent: Int? = nil, isNear: Bool = false) {
    self.state = state
    self.percent = percent
    self.isNear = isNear
  }

  enum CodingKeys: String, CodingKey {
    case state, percent
    case isNear = "is_near"
  }
}

/// What stands where an effect is to be.
public enum Existing<Identity: Sendable>: Sendable {
  /// Nothing.
  case absent
  /// The effect itself: made by this step of this run with the same request.
  case ours(Identity)
  /// Something else, which must not be touched.
  case foreign(String)
}

/// What an error means for the step it happened in.
public enum FaultClass: Sendable {
  /// It may go away by itself.
  case transient
  /// It is unknown whether the call took effect.
  case ambiguous
  /// It needs a person.
  case final
  /// It needs a person, and it is certain that the call had no effect: the service said no.
  case refused
}
