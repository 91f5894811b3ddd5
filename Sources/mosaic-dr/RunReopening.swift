import Platform
import Recoveries
import RunEngine
import RunJournal
import StrictJSON

/// Runs that are opened again to take back what they made or changed, and do nothing else.
extension RunSession {
  /// Removes what a drill has left over, and does nothing else. Nil when there is nothing.
  func cleanup(_ id: String, options: RunExecutor.Options) async throws -> (ULID, RunOutcome)? {
    let known = try await known(id)
    guard known.creation.mode == .drill else {
      throw Problem(
        "a restore has no cleanup", on: id, because: "what a restore makes is made to stay",
        fix: "Delete what you do not want by hand; 'mosaic-dr show \(id)' names it.")
    }
    let leftovers = known.state.leftovers
    if leftovers.isEmpty {
      try await surroundings.removeWork(of: known.record.id, plan: known.record.planName, journal)
      return nil
    }
    let body: JSONValue = [
      "by": .string(surroundings.operatorName), "reason": "a person asked for cleanup",
    ]
    var opening: [EventDraft] = []
    if known.state.isFinished {
      opening.append(EventDraft(.runReopened, body: body))
    } else if !known.state.isCancelled {
      opening.append(EventDraft(.runCancelled, body: body))
    }
    opening += leftovers.filter { known.state.status(of: $0.id).isTerminal }.map {
      EventDraft(.stepReopened, step: $0.id, body: body)
    }
    return (known.run, try await goOn(known, opening: opening, options))
  }

  /// Leads users back to where they were before a restore's cut-over, the last change first.
  ///
  /// - Parameter confirm: is asked with what is to be taken back; it throws when nobody agrees.
  /// - Throws: `Problem` when there is nothing to undo.
  func undo(
    _ id: String, options: RunExecutor.Options, confirm: (RunCreation, [String]) throws -> Void
  ) async throws -> (ULID, RunOutcome) {
    let known = try await known(id)
    let cutOver = CutOver(known.creation, known.state)
    if let refusal = cutOver.refusal(of: id) { throw refusal }
    try confirm(known.creation, cutOver.changes.compactMap(\.removal?.what))
    let body: JSONValue = [
      "by": .string(surroundings.operatorName), "reason": "a person asked for the cut-over's undo",
    ]
    let finding = Finding(
      .exception,
      "The cut-over was undone by \(surroundings.operatorName): users are where they were before it. "
        + "What the recovery achieved stands in the report before this one.")
    var opening = [
      EventDraft(.runReopened, body: body),
      EventDraft(.finding, body: try JSONValue(encoding: finding)),
    ]
    for step in cutOver.ends {
      opening.append(EventDraft(.stepReopened, step: step.id, body: body))
      opening.append(EventDraft(.stepSkipped, step: step.id, body: body))
    }
    opening += cutOver.changes.map { EventDraft(.stepReopened, step: $0.id, body: body) }
    return (known.run, try await goOn(known, opening: opening, options))
  }
}

/// The cut-overs of a run that succeeded, and the steps that take their changes back.
private struct CutOver {
  private let mode: RunMode
  private let isFinished: Bool
  /// The steps that a cut-over ends with.
  let ends: [RunCreation.StepRecord]
  /// The steps that take a change back.
  let changes: [RunCreation.StepRecord]

  init(_ creation: RunCreation, _ state: RunState) {
    mode = creation.mode
    isFinished = state.isFinished
    let phases = Dictionary(
      creation.steps.map { ($0.id, $0.phase) }, uniquingKeysWith: { first, _ in first })
    let ends = creation.steps.filter {
      $0.kind == NoteCutOver.kind && state.status(of: $0.id) == .succeeded
    }
    let components = Set(ends.map(\.component))
    self.ends = ends
    changes = creation.steps.filter { step in
      guard let made = step.removal?.of, components.contains(step.component) else { return false }
      // A step that found nothing to change has nothing to take back.
      return phases[made] == .cutover && state.steps[made]?.intent != nil
    }
  }

  /// Why nothing can be taken back; nil when something can.
  func refusal(of run: String) -> Problem? {
    if mode == .drill {
      return refusal(run, "a drill cuts nobody over", fix: "Name the run of a restore.")
    }
    if !isFinished {
      return refusal(
        run, "the run has not ended",
        fix: "Cancel it: a cut-over that is not complete is taken back by itself.")
    }
    if changes.isEmpty {
      return refusal(
        run, "it has no cut-over that succeeded, changed something, and is in force",
        fix: "See what became of it: mosaic-dr show \(run).")
    }
    return nil
  }

  private func refusal(_ run: String, _ reason: String, fix: String) -> Problem {
    Problem("there is nothing to undo", on: "run \(run)", because: reason, fix: fix)
  }
}
