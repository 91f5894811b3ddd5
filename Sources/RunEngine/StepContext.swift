public import Platform
public import RunJournal
public import StrictJSON
import Synchronization

/// What a step is given: who it is, what came before, and where to note what it finds.
public final class StepContext: Sendable {
  /// The run.
  public let run: ULID
  /// Drill or restore.
  public let mode: RunMode
  /// The step.
  public let step: String
  /// The component it works for.
  public let component: String?
  /// Time.
  public let time: any TimeSource
  /// Chance.
  public let random: any RandomSource
  /// The instant of the loss, fixed before anything else was looked at.
  public let incident: Timestamp
  private let outputs: @Sendable (String) -> JSONValue?
  private let approvers: @Sendable () -> [String]
  private let memory: Memory
  private let notes = Mutex(Notes())

  /// Where a long step keeps how far it has come.
  struct Memory: Sendable {
    var recall: @Sendable () -> JSONValue? = { nil }
    var remember: @Sendable (JSONValue) async throws -> Void = { _ in }
    var spentEffects: @Sendable () -> Int = { 0 }
  }

  struct Notes {
    var moments: [Moment] = []
    var findings: [Finding] = []
    var evidence = JSONObject()
  }

  init(
    run: ULID, mode: RunMode, step: String, component: String?, time: any TimeSource,
    random: any RandomSource, incident: Timestamp,
    outputs: @escaping @Sendable (String) -> JSONValue?,
    approvers: @escaping @Sendable () -> [String], memory: Memory = Memory()
  ) {
    self.run = run
    self.mode = mode
    self.step = step
    self.component = component
    self.time = time
    self.random = random
    self.incident = incident
    self.outputs = outputs
    self.approvers = approvers
    self.memory = memory
  }

  /// What ``checkpoint(_:_:)`` kept last, also in a process that died since; nil when there is nothing
  /// of that form.
  public func lastCheckpoint<State: Decodable>(as type: State.Type) -> State? {
    memory.recall().flatMap { try? $0.decode(type) }
  }

  /// Journals how far a long step has come, so that it goes on from there after a crash. It is for
  /// every few seconds of work, not for every piece of it.
  ///
  /// - Parameter progress: how far it is, for people.
  /// - Throws: when the journal cannot be written; the step has to end then.
  public func checkpoint(_ state: some Encodable & Sendable, _ progress: Progress) async throws {
    var body = try JSONValue(encoding: progress).objectValue ?? JSONObject()
    body["checkpoint"] = try JSONValue(encoding: state)
    try await memory.remember(.object(body))
  }

  /// How many effects of this step came to nothing before, also in a process that died since.
  public var spentEffects: Int { memory.spentEffects() }

  /// The output of an earlier step of this run, also of one that ended before a crash.
  ///
  /// - Throws: `Problem` when that step has no output, since it was skipped.
  public func output<Output: Codable>(of step: String, as type: Output.Type) throws -> Output {
    guard let value = outputs(step) else {
      throw Problem(
        "a step lacks what an earlier one should have found", on: self.step,
        because: "step \(step) has no output: it was skipped or has not run",
        fix: "Retry step \(step), then this one.")
    }
    return try value.decode(type)
  }

  /// The people who have approved this step, each once.
  public var approvedBy: [String] { approvers() }

  /// Notes an instant; it is journaled with the effect that it was taken for, or with the end of the step.
  public func note(_ moment: Moment) { notes.withLock { $0.moments.append(moment) } }

  /// Notes a finding; it is journaled as an instant is.
  public func note(_ finding: Finding) {
    notes.withLock { notes in
      // A look is repeated many times; what it finds each time is still one finding.
      if !notes.findings.contains(finding) { notes.findings.append(finding) }
    }
  }

  /// Keeps something observed as evidence; the latest under a name wins.
  public func keep(_ name: String, _ value: JSONValue) {
    notes.withLock { $0.evidence[name] = value }
  }

  func takeNotes() -> Notes {
    notes.withLock { notes in
      defer { notes = Notes() }
      return notes
    }
  }

  /// The instants and findings so far. Evidence stays: it belongs to the end of the step.
  func takeNotesSoFar() -> Notes {
    notes.withLock { notes in
      defer { notes = Notes(evidence: notes.evidence) }
      return Notes(moments: notes.moments, findings: notes.findings)
    }
  }
}
