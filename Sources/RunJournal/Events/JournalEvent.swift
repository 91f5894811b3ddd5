import Cryptography
public import Platform
public import StrictJSON

/// What an event says happened. The raw values are the journal's format: they are never renamed.
public enum EventType: String, Sendable, CaseIterable {
  /// The run exists: plan, mode, options, graph.
  case runCreated = "run.created"
  /// A process took the run up.
  case runAttached = "run.attached"
  /// A process laid the run down: paused, interrupted, or done.
  case runDetached = "run.detached"
  /// Every step has ended.
  case runFinished = "run.finished"
  /// An ended run goes on: a person asked for it.
  case runReopened = "run.reopened"
  /// An operator asked to stop what has not begun, and to clean up.
  case runCancelled = "run.cancelled"
  /// The clock that RTO and RPO are measured with.
  case moment = "moment"
  /// Something a reader of the report should know.
  case finding = "finding"
  /// Wall clock and monotonic clock disagree.
  case clockJumped = "clock.jumped"
  /// The run waits for people.
  case approvalRequested = "approval.requested"
  /// A person agreed.
  case approvalGranted = "approval.granted"
  /// A step begins an attempt.
  case stepStarted = "step.started"
  /// What is about to be asked of the outside world.
  case effectIntended = "effect.intended"
  /// What came of it, and its identity.
  case effectConfirmed = "effect.confirmed"
  /// What a step waits for.
  case stepWaiting = "step.waiting"
  /// An attempt failed, and another follows.
  case stepRetrying = "step.retrying"
  /// The step reached its end.
  case stepSucceeded = "step.succeeded"
  /// The step ended without reaching it.
  case stepFailed = "step.failed"
  /// The step was left out, and why.
  case stepSkipped = "step.skipped"
  /// The step never began, since what it needs did not end well or the run was cancelled.
  case stepCancelled = "step.cancelled"
  /// The step may begin again: a person asked for it.
  case stepReopened = "step.reopened"
}

/// One row of the journal.
public struct JournalEvent: Sendable, Equatable {
  /// The run.
  public let run: String
  /// 1, 2, 3 … within the run, without gaps.
  public let sequence: Int64
  /// What happened.
  public let type: EventType
  /// The step it happened to; nil for the run itself.
  public let step: String?
  /// Which attempt of the step.
  public let attempt: Int?
  /// When: both clocks, read as the event was written.
  public let at: ClockReading
  /// The lease token of the process that wrote it.
  public let fence: Int64
  /// The details.
  public let body: JSONValue
  /// The hash of the event before; 64 zeros for the first.
  public let previous: String
  /// SHA-256 of the canonical JSON of everything above.
  public let hash: String

  /// The hash before the first event.
  public static let origin = String(repeating: "0", count: 64)

  init(
    draft: EventDraft, run: String, sequence: Int64, at: ClockReading, fence: Int64,
    previous: String
  ) throws(JSONWriteError) {
    // The journal keeps microseconds since boot: whole numbers that every JSON reader can hold.
    let kept = ClockReading(wall: at.wall, sinceBoot: at.sinceBoot / 1_000 * 1_000)
    let sealed = { (hash: String) in
      JournalEvent(
        run: run, sequence: sequence, type: draft.type, step: draft.step, attempt: draft.attempt,
        at: kept, fence: fence, body: draft.body, previous: previous, hash: hash)
    }
    self = sealed(try sealed("").recomputedHash())
  }

  /// The event as JSON, its hash included.
  public var json: JSONValue {
    var content = content
    content["hash"] = .string(hash)
    return .object(content)
  }

  /// Reads an event from its JSON; nil when a field is missing or of the wrong type. The hash is
  /// taken as it stands: ``EventChain`` checks it.
  public init?(json: JSONValue) {
    guard let run = json["run"]?.stringValue, let sequence = json["sequence"]?.integerValue,
      let type = json["type"]?.stringValue.flatMap(EventType.init(rawValue:)),
      let wall = json["wall"]?.stringValue.flatMap({ Timestamp($0) }),
      let sinceBoot = json["since_boot_us"]?.integerValue,
      let at = ClockReading(wall: wall, microsecondsSinceBoot: sinceBoot),
      let fence = json["fence"]?.integerValue,
      let body = json["body"], let previous = json["previous"]?.stringValue,
      let hash = json["hash"]?.stringValue
    else { return nil }
    self.init(
      run: run, sequence: sequence, type: type, step: json["step"]?.stringValue,
      attempt: json["attempt"]?.integerValue.map { Int($0) }, at: at, fence: fence, body: body,
      previous: previous, hash: hash)
  }

  init(
    run: String, sequence: Int64, type: EventType, step: String?, attempt: Int?, at: ClockReading,
    fence: Int64, body: JSONValue, previous: String, hash: String
  ) {
    self.run = run
    self.sequence = sequence
    self.type = type
    self.step = step
    self.attempt = attempt
    self.at = at
    self.fence = fence
    self.body = body
    self.previous = previous
    self.hash = hash
  }

  /// The hash that the event's content really has.
  public func recomputedHash() throws(JSONWriteError) -> String {
    SHA256.digest(of: try JSONValue.object(content).canonicalBytes()).hex
  }

  /// Everything but the hash.
  private var content: JSONObject {
    var content: JSONObject = [
      "run": .string(run), "sequence": .integer(sequence), "type": .string(type.rawValue),
      "wall": .string(at.wall.formatted(fractionDigits: 9)),
      "since_boot_us": .integer(at.sinceBoot / 1_000), "fence": .integer(fence), "body": body,
      "previous": .string(previous),
    ]
    content["step"] = step.map { .string($0) }
    content["attempt"] = attempt.map { .integer(Int64($0)) }
    return content
  }
}

/// An event that is yet to be written.
public struct EventDraft: Sendable {
  /// What happened.
  public let type: EventType
  /// The step it happened to.
  public let step: String?
  /// Which attempt of the step.
  public let attempt: Int?
  /// The details; canonical JSON, never a secret.
  public let body: JSONValue

  /// Creates a draft.
  public init(_ type: EventType, step: String? = nil, attempt: Int? = nil, body: JSONValue = [:]) {
    self.type = type
    self.step = step
    self.attempt = attempt
    self.body = body
  }
}

extension ClockReading {
  /// What the journal keeps of a reading; nil for a number that no clock shows.
  init?(wall: Timestamp, microsecondsSinceBoot: Int64) {
    let (nanoseconds, overflow) = microsecondsSinceBoot.multipliedReportingOverflow(by: 1_000)
    guard !overflow else { return nil }
    self.init(wall: wall, sinceBoot: nanoseconds)
  }
}
