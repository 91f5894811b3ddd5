public import Platform
public import RunJournal
public import StrictJSON

/// How a step stands.
public enum StepStatus: String, Sendable, Codable {
  case pending, running, succeeded, failed, skipped, cancelled

  /// Whether the step will not move any more.
  public var isTerminal: Bool { self != .pending && self != .running }
}

/// What the journal says of a step.
public struct StepState: Sendable {
  /// How it stands.
  public var status: StepStatus = .pending
  /// How many attempts began.
  public var attempts = 0
  /// What was about to be asked for, when an effect was intended.
  public var intent: JSONValue?
  /// The identity of the effect, when it is known.
  public var identity: JSONValue?
  /// The identities of effects before it that came to nothing.
  public var spent: [JSONValue] = []
  /// When the effect was last about to be asked for.
  public var attemptedAt: ClockReading?
  /// The output, when it succeeded.
  public var output: JSONValue?
  /// Why it failed or was skipped.
  public var failure: JSONValue?
  /// How far it has come, in its own words; kept when it is tried again.
  public var checkpoint: JSONValue?
  /// What it waits for.
  public var waitingFor: Progress?
  /// What it has found.
  var findings: [Finding] = []
  /// When it first began.
  public var startedAt: ClockReading?
  /// When it ended.
  public var endedAt: ClockReading?

  /// A step that nothing is known of.
  public init() {}

  /// Lets go of an effect that came to nothing, so that the step decides anew.
  mutating func spend(_ body: JSONValue) {
    guard body[SpentEffect.key] == true else { return }
    if let identity { spent.append(identity) }
    intent = nil
    identity = nil
  }
}

/// The state of a run, folded from its events. Nothing else remembers anything.
public struct RunState: Sendable {
  /// What the run was created with.
  public private(set) var creation: RunCreation?
  /// Each step that has begun or ended.
  public private(set) var steps: [String: StepState] = [:]
  /// The instants known so far.
  public private(set) var moments: [Moment] = []
  /// Findings so far.
  public private(set) var findings: [Finding] = []
  /// Who approved which step: the people, each once.
  public private(set) var approvals: [String: [String]] = [:]
  /// Whether an operator cancelled the run.
  public private(set) var isCancelled = false
  /// Whether every step has ended.
  public private(set) var isFinished = false
  /// The clocks as the latest event was written.
  public private(set) var lastReading: ClockReading?
  /// The boot of the machine that took the run up last; nothing measured in another compares.
  public private(set) var lastBoot: String?
  /// How many events were folded in.
  public private(set) var eventCount: Int64 = 0

  /// The state before the first event.
  public init() {}

  /// Folds events in, in order.
  public init(_ events: [JournalEvent]) {
    for event in events { apply(event) }
  }

  /// How a step stands.
  public func status(of step: String) -> StepStatus { steps[step]?.status ?? .pending }

  /// The instant of the loss; nil before it was fixed.
  public var incident: Timestamp? { moments.first { $0.name == .incident }?.at }

  /// When the run was asked for; nil before it was noted.
  public var declared: Timestamp? { moments.first { $0.name == .declared }?.at }

  /// The removals that have not come to a good end although there was something to remove.
  public var leftovers: [RunCreation.StepRecord] {
    (creation?.steps ?? []).filter { record in
      guard let removal = record.removal, status(of: record.id) != .succeeded else { return false }
      let made = steps[removal.of]
      return made.map { $0.identity != nil || $0.intent != nil || !$0.spent.isEmpty } ?? false
    }
  }

  /// Folds one event in.
  public mutating func apply(_ event: JournalEvent) {
    eventCount += 1
    lastReading = event.at
    switch event.type {
    case .runCreated: creation = try? event.body.decode(RunCreation.self)
    case .runAttached: lastBoot = event.body["boot"]?.stringValue
    case .runDetached, .clockJumped, .approvalRequested: break
    case .runFinished: isFinished = true
    case .runReopened: isFinished = false
    case .runCancelled: isCancelled = true
    case .moment: if let moment = try? event.body.decode(Moment.self) { moments.append(moment) }
    case .finding:
      guard let finding = try? event.body.decode(Finding.self) else { return }
      findings.append(finding)
      if let step = event.step { steps[step]?.findings.append(finding) }
    case .approvalGranted: grant(event)
    default: if let step = event.step { change(step, event) }
    }
  }

  private mutating func grant(_ event: JournalEvent) {
    guard let step = event.step, let person = event.body["by"]?.stringValue else { return }
    // The same person at another machine is still one person.
    let user = { (name: String) in name.prefix { $0 != "@" } }
    if !(approvals[step] ?? []).contains(where: { user($0) == user(person) }) {
      approvals[step, default: []].append(person)
    }
  }

  private mutating func change(_ id: String, _ event: JournalEvent) {
    var step = steps[id] ?? StepState()
    switch event.type {
    case .stepStarted:
      step.status = .running
      step.attempts = event.attempt ?? step.attempts
      step.startedAt = step.startedAt ?? event.at
      step.attemptedAt = event.at
      step.failure = nil
    case .effectIntended:
      step.intent = event.body["intent"]
      step.attemptedAt = event.at
    case .effectConfirmed: step.identity = event.body["identity"]
    case .stepWaiting:
      step.waitingFor = try? event.body.decode(Progress.self)
      step.checkpoint = event.body["checkpoint"] ?? step.checkpoint
    case .stepRetrying:
      step.failure = event.body
      step.spend(event.body)
    case .stepSucceeded:
      step.status = .succeeded
      step.output = event.body["output"]
      step.failure = nil
    case .stepFailed:
      step.status = .failed
      step.failure = event.body
      step.spend(event.body)
    case .stepSkipped:
      step.status = .skipped
      step.failure = event.body
    case .stepCancelled:
      step.status = .cancelled
      step.failure = event.body
    case .stepReopened:
      step.status = .pending
      step.output = nil
      step.failure = nil
      step.endedAt = nil
    default: break
    }
    if step.status.isTerminal {
      step.endedAt = event.at
      step.waitingFor = nil
    }
    steps[id] = step
  }
}
