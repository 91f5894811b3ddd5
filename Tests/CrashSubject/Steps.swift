import Platform
import RunEngine
import RunJournal

/// A thing that a run made: its name, and the identity that no other thing ever gets.
struct Made: Codable, Sendable, Equatable {
  let name: String
  let id: String
}

/// Makes a thing and waits until it is ready.
struct Make: RemovableStep {
  typealias Output = Made
  struct Intent: Codable, Sendable {
    let name: String
    let step: String
  }
  static let kind = "test.make"
  static let phase = StepPhase.recover
  let world: World
  let name: String
  var summary: String { "make \(name)" }
  var removalSummary: String { "remove \(name)" }
  var made: String { name }
  var cost: String { "It costs nothing." }
  /// Longer than any delay of the world.
  var appearsWithin: Duration { .milliseconds(700) }

  func prepare(_ context: StepContext) async throws -> Intent? {
    Intent(name: name, step: context.step)
  }

  func find(_ intent: Intent, _ context: StepContext) async throws -> Existing<Made> {
    guard let thing = try await world.thing(intent.name) else { return .absent }
    guard thing.run == context.run.description, thing.step == intent.step else {
      return .foreign(thing.id)
    }
    return .ours(Made(name: intent.name, id: thing.id))
  }

  func apply(_ intent: Intent, _ context: StepContext) async throws -> Made {
    Made(
      name: intent.name,
      id: try await world.make(intent.name, run: context.run, step: intent.step))
  }

  func observe(
    _ intent: Intent, _ identity: Made, _ context: StepContext
  ) async throws -> Observation<Made> {
    guard let thing = try await world.thing(identity.name) else {
      return .waiting(Progress("not visible yet"))
    }
    return thing.state == "ready" ? .ready(identity) : .waiting(Progress(thing.state))
  }

  func unchanged(_ context: StepContext) async throws -> Made { Made(name: name, id: "") }

  func remove(_ identity: Made, _ context: StepContext) async throws -> Observation<Removed> {
    guard let thing = try await world.thing(identity.name) else {
      return .ready(Removed(what: identity.name))
    }
    guard thing.id == identity.id else {
      throw Problem(
        "it is not what was made", on: identity.name, because: "it is \(thing.id)", fix: "None.")
    }
    if thing.state != "deleting" {
      do { try await world.remove(identity.name) } catch let error as WorldError
        where error.mayHaveTakenEffect
      {}
    }
    return .waiting(Progress("deleting"))
  }
}

/// Leaves a mark on a thing: an effect that nobody takes back, and that must not come twice.
struct Mark: ChangingStep {
  typealias Output = [String]
  static let kind = "test.mark"
  static let phase = StepPhase.recover
  let world: World
  let step: String
  let mark: String
  /// Whether there is nothing to do.
  var isNeedless = false
  var summary: String { "mark with \(mark)" }

  /// What it notes here nobody can note after the effect; each reading differs from any other.
  func prepare(_ context: StepContext) async throws -> Made? {
    if isNeedless { return nil }
    let now = context.time.now().wall
    context.note(
      Moment(
        .recoveryPoint, of: context.component, at: now, evidence: .measured, source: context.step))
    context.note(Finding(.note, "\(context.step) was not marked at \(now)"))
    return try context.output(of: step, as: Made.self)
  }

  func find(_ intent: Made, _ context: StepContext) async throws -> Existing<Made> {
    try await world.thing(intent.name)?.marks.contains(mark) == true ? .ours(intent) : .absent
  }

  func apply(_ intent: Made, _ context: StepContext) async throws -> Made {
    try await world.mark(intent.name, mark)
    return intent
  }

  func observe(
    _ intent: Made, _ identity: Made, _ context: StepContext
  ) async throws -> Observation<[String]> {
    let marks = try await world.thing(intent.name)?.marks ?? []
    return marks.contains(mark) ? .ready(marks) : .waiting(Progress("not marked yet"))
  }

  func unchanged(_ context: StepContext) async throws -> [String] { ["nothing to do"] }
}

/// Reads a number.
struct Read: ObservingStep {
  typealias Output = Int64
  static let kind = "test.read"
  static let phase = StepPhase.prepare
  let world: World
  let name: String
  var summary: String { "read \(name)" }
  func observe(_ context: StepContext) async throws -> Observation<Int64> {
    .ready(try await world.value(name))
  }
}

/// Adds up what earlier steps found, and looks at what they made.
struct Check: ObservingStep {
  typealias Output = [String]
  static let kind = "test.check"
  static let phase = StepPhase.verify
  let world: World
  let read: String
  let made: String
  var summary: String { "check \(made)" }
  func observe(_ context: StepContext) async throws -> Observation<[String]> {
    let value = try context.output(of: read, as: Int64.self)
    let made = try context.output(of: made, as: Made.self)
    let marks = try await world.thing(made.name)?.marks ?? ["it is gone"]
    return .ready(["\(value)", made.id] + marks)
  }
}

/// Puts the checks of both sides together.
struct Compare: ObservingStep {
  typealias Output = [[String]]
  static let kind = "test.compare"
  static let phase = StepPhase.verify
  let steps: [String]
  var summary: String { "compare" }
  func observe(_ context: StepContext) async throws -> Observation<[[String]]> {
    .ready(try steps.map { try context.output(of: $0, as: [String].self) })
  }
}

/// Waits for a person to agree.
struct Approval: ObservingStep {
  typealias Output = [String]
  static let kind = "approval"
  static let phase = StepPhase.prepare
  var summary: String { "wait for approval" }
  func observe(_ context: StepContext) async throws -> Observation<[String]> {
    let people = context.approvedBy
    return people.isEmpty
      ? .waiting(Progress("asking", isNear: true)) : .ready(people)
  }
}

/// Never ends, until a person has it left out.
struct Hang: ObservingStep {
  typealias Output = String
  static let kind = "test.hang"
  static let phase = StepPhase.verify
  var summary: String { "wait for ever" }
  func observe(_ context: StepContext) async throws -> Observation<String> {
    .waiting(Progress("waiting for ever"))
  }
}
