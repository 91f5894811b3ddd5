import Platform
import RunJournal
import StrictJSON

/// Folds events into the parts of a ``RunAccount``.
struct AccountTeller {
  private let order: [String]
  private var steps: [String: StepAccount]
  private let removals: [String: RunCreation.StepRecord.Removal]
  /// What was asked for, in that order; a step may have asked for another thing when one was of no use.
  private var effects: [(step: String, at: Timestamp, identity: JSONValue?)] = []
  private(set) var moments: [Moment] = []
  private(set) var approvals: [ApprovalAccount] = []
  private(set) var executors: [ProcessIdentity] = []
  private(set) var removed: [ResourceAccount] = []
  private(set) var deviations: [Deviation] = []

  init(_ creation: RunCreation) {
    order = creation.steps.map(\.id)
    steps = Dictionary(
      creation.steps.map { record in
        let account = StepAccount(
          id: record.id, kind: record.kind, component: record.component, phase: record.phase,
          summary: record.summary, dependsOn: record.dependsOn)
        return (record.id, account)
      }, uniquingKeysWith: { first, _ in first })
    removals = Dictionary(
      creation.steps.compactMap { record in record.removal.map { (record.id, $0) } },
      uniquingKeysWith: { first, _ in first })
  }

  var toldSteps: [StepAccount] { order.compactMap { steps[$0] } }

  /// What was made, in the words of the step that removes it where there is one.
  var made: [ResourceAccount] {
    effects.map { effect in
      let id = effect.step
      let what = removals.values.first { $0.of == id }?.what ?? steps[id]?.summary ?? id
      return ResourceAccount(step: id, what: what, identity: effect.identity, at: effect.at)
    }
  }

  mutating func take(_ event: JournalEvent) {
    switch event.type {
    case .moment: if let moment = try? event.body.decode(Moment.self) { moments.append(moment) }
    case .finding:
      if let finding = try? event.body.decode(Finding.self) {
        note("finding", event, "\(finding.severity.rawValue): \(finding.text)")
      }
    case .runAttached:
      if let process = try? event.body.decode(ProcessIdentity.self) { executors.append(process) }
      closeAttempts()
    case .runDetached:
      note("interrupted", event, "laid down: \(event.body["reason"]?.stringValue ?? "")")
    case .runReopened: note("reopened", event, event.body["reason"]?.stringValue ?? "opened again")
    case .runCancelled: note("cancelled", event, event.body["reason"]?.stringValue ?? "cancelled")
    case .clockJumped:
      note("clock", event, "the clock jumped by \(event.body["jump_ms"]?.integerValue ?? 0) ms")
    case .approvalGranted:
      approvals.append(
        ApprovalAccount(
          step: event.step ?? "", by: event.body["by"]?.stringValue ?? "", at: event.at.wall))
    default: takeStep(event)
    }
  }

  private mutating func takeStep(_ event: JournalEvent) {
    guard let id = event.step, steps[id] != nil else { return }
    let reason = event.body["reason"]?.stringValue
    switch event.type {
    case .stepStarted:
      steps[id]?.attempts.append(
        AttemptAccount(
          attempt: event.attempt ?? 1, began: event.at.wall, ended: nil, outcome: "interrupted",
          reason: nil))
    case .effectIntended: effects.append((id, event.at.wall, nil))
    case .effectConfirmed:
      if let last = effects.lastIndex(where: { $0.step == id }) {
        effects[last].identity = event.body["identity"]
      }
      if event.body["adopted"]?.boolValue == true {
        note("adopted", event, "found what an earlier attempt had made")
      }
    case .stepRetrying:
      endAttempt(id, event, "retried", reason)
      note("retried", event, reason ?? "")
    case .stepSucceeded: end(id, event, "succeeded")
    case .stepFailed:
      end(id, event, "failed")
      note("failed", event, reason ?? "")
    case .stepSkipped:
      end(id, event, "skipped")
      note("skipped", event, reason ?? "no reason given")
    case .stepCancelled: end(id, event, "cancelled")
    case .stepReopened:
      steps[id]?.status = "not executed"
      note("reopened", event, reason ?? "to be tried again")
    default: break
    }
  }

  private mutating func end(_ id: String, _ event: JournalEvent, _ status: String) {
    steps[id]?.status = status
    steps[id]?.reason = status == "succeeded" ? nil : event.body["reason"]?.stringValue
    if let timing = try? event.body["timing"]?.decode(StepTiming.self) {
      steps[id]?.timing += timing
    }
    if let evidence = event.body["evidence"] { steps[id]?.evidence = evidence }
    endAttempt(id, event, status, steps[id]?.reason)
    // A reason says why there was nothing to remove.
    let hasRemoved = event.body["output"]?["reason"] == nil
    if status == "succeeded", hasRemoved, let removal = removals[id] {
      removed += effects.filter { $0.step == removal.of }.map { effect in
        ResourceAccount(step: id, what: removal.what, identity: effect.identity, at: event.at.wall)
      }
    }
  }

  private mutating func endAttempt(
    _ id: String, _ event: JournalEvent, _ outcome: String, _ reason: String?
  ) {
    guard let last = steps[id]?.attempts.indices.last, steps[id]?.attempts[last].ended == nil
    else { return }
    steps[id]?.attempts[last].ended = event.at.wall
    steps[id]?.attempts[last].outcome = outcome
    steps[id]?.attempts[last].reason = reason
  }

  /// A process that takes a run up finds the attempts of the one before it without an end.
  private mutating func closeAttempts() {
    for id in order {
      guard let last = steps[id]?.attempts.last, last.ended == nil else { continue }
      deviations.append(
        Deviation(
          kind: "interrupted", at: last.began, step: id,
          text: "attempt \(last.attempt) was interrupted", by: nil))
    }
  }

  private mutating func note(_ kind: String, _ event: JournalEvent, _ text: String) {
    deviations.append(
      Deviation(
        kind: kind, at: event.at.wall, step: event.step, text: text,
        by: event.body["by"]?.stringValue))
  }
}
