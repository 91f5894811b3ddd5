import Platform
import RunEngine
import RunJournal

/// Notes the instant at which every check of a component had passed.
struct NoteVerified: ObservingStep {
  struct Output: Codable, Sendable {
    let checks: Int
  }

  static let kind = "verified"
  static let phase = StepPhase.verify

  /// How many checks came before it.
  let checks: Int

  var summary: String { "note that every check has passed" }

  func observe(_ context: StepContext) async throws -> Observation<Output> {
    context.note(
      Moment(
        .verified, of: context.component, at: context.time.now().wall, evidence: .measured,
        source: checks == 0
          ? "the database answered; there are no checks" : "\(checks) checks passed"))
    return .ready(Output(checks: checks))
  }
}
