import Evidence
import Platform
import RecoveryPlan
import RunJournal

/// A drill that a timer asks for: one at a time for each plan, and only when it is due.
struct ScheduledDrill {
  let surroundings: Surroundings
  let terminal: Terminal

  /// What is to be done about it, and the lock that keeps other timers away meanwhile.
  func turn(of plan: RecoveryPlan) async throws -> (turn: DrillTurn, lock: FileLock?) {
    guard let schedule = plan.schedule else {
      throw UsageError(
        message: "plan \(plan.name) has no schedule",
        fix: "Add 'schedule' to it, or leave --scheduled out.")
    }
    let journal = try surroundings.journal()
    guard let lock = try FileLock("\(surroundings.stateFolder)/\(plan.name).drill.lock") else {
      return (.refused("another timer is at work on the plan"), nil)
    }
    let open = try await journal.runs(plan: plan.name).filter {
      $0.latest != .runFinished && !$0.isPruned
    }
    let now = surroundings.time.now().wall
    let turn = DrillTurn(
      schedule, DrillHistory(of: plan.name, in: try surroundings.ledger.read()),
      open: open.map { run in
        DrillTurn.OpenRun(
          id: run.record.id, isDrill: run.record.mode == RunMode.drill.rawValue,
          isHeld: run.isUnderWay(at: now), isLaidDown: run.latest == .runDetached)
      }, at: now)
    return (turn, lock)
  }

  /// Records that a drill does not begin; what it cannot record it says.
  func refuse(_ plan: RecoveryPlan, because reason: String) async {
    terminal.error("the drill of \(plan.name) does not begin: \(reason)")
    do {
      let recorder = RunRecorder(
        surroundings: surroundings, journal: try surroundings.journal(.reading),
        client: try surroundings.client(), terminal: terminal)
      try await recorder.recordRefusal(of: plan, because: reason)
    } catch {
      terminal.error("! this is not in the ledger: \(error)")
    }
  }
}
