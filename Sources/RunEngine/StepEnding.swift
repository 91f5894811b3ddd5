import RunJournal
import StrictJSON

/// Journals how an attempt at a step ended, with what it noted on the way.
struct StepEnding {
  let node: StepNode
  let log: RunLog
  let context: StepContext

  func succeed(_ output: JSONValue, attempt: Int, account: TimeAccount) async throws {
    let notes = context.takeNotes()
    let success = StepSuccess(
      output: output, evidence: .object(notes.evidence), timing: account.timing)
    try await log.write(
      try drafts(of: notes) + [
        EventDraft(
          .stepSucceeded, step: node.id, attempt: attempt, body: try JSONValue(encoding: success))
      ])
  }

  /// The end of the step: nobody tries again unless a person asks for it.
  func fail(_ error: any Error, attempt: Int, account: TimeAccount) async throws {
    let notes = context.takeNotes()
    var body = try failure(error)
    body["evidence"] = .object(notes.evidence)
    body["timing"] = try JSONValue(encoding: account.timing)
    try await log.write(
      try drafts(of: notes) + [
        EventDraft(.stepFailed, step: node.id, attempt: attempt, body: .object(body))
      ])
  }

  /// What was noted stays with the step, and is journaled with its effect or its end.
  func retry(after error: any Error, attempt: Int) async throws {
    try await log.write(
      EventDraft(
        .stepRetrying, step: node.id, attempt: attempt, body: .object(try failure(error))))
  }

  /// The run is being laid down. While nothing is intended the next process looks at everything anew;
  /// after that it goes on behind it.
  func interrupt() async throws {
    guard log.step(node.id).intent != nil else { return }
    try await log.write(try notesSoFar())
  }

  /// What was noted, for the write that says how far the effect is: what is read before an effect often
  /// cannot be read after it, and a process that takes the step up does not prepare it again.
  func notesSoFar() throws -> [EventDraft] { try drafts(of: context.takeNotesSoFar()) }

  /// Why an attempt failed, and what that means for its effect.
  private func failure(_ error: any Error) throws -> JSONObject {
    let refused = error as? RefusedEffect
    let spent = error as? SpentEffect
    let cause = refused?.cause ?? spent?.cause ?? error
    var body = try JSONValue(encoding: StepFailure(cause)).objectValue ?? [:]
    if refused != nil { body[RefusedEffect.key] = true }
    if spent != nil { body[SpentEffect.key] = true }
    return body
  }

  /// What the journal has of this step already is not told again: looks are repeated.
  private func drafts(of notes: StepContext.Notes) throws -> [EventDraft] {
    let known = log.step(node.id).findings
    let moments = notes.moments.filter { !log.isLatest($0) }
    let findings = notes.findings.filter { !known.contains($0) }
    return try moments.map {
      EventDraft(.moment, step: node.id, body: try JSONValue(encoding: $0))
    }
      + findings.map {
        EventDraft(.finding, step: node.id, body: try JSONValue(encoding: $0))
      }
  }
}

/// The one call for an effect was refused, so that there is no effect to look for.
struct RefusedEffect: Error {
  /// The key in the body of the step's end that says so.
  static let key = "without_effect"

  let cause: any Error
}
