import Platform
import RunJournal
import StrictJSON

/// A run's events sorted for measuring.
struct RunHistory {
  struct StepTimes {
    var started: Timestamp?
    var ended: Timestamp?
    var type: EventType?
    var timing = StepTiming()
    var isMade = false
    var identity: JSONValue?
    var why: String?
  }

  let creation: RunCreation?
  /// The checks and cut-overs, in the plan's order, and by component.
  private let deciding: [String]
  private let decidingOf: [String: [String]]
  private var steps: [String: StepTimes] = [:]
  private var moments: [MomentKey: Moment] = [:]
  private var findings: [Finding] = []
  private var isFinished = false
  private var clockJumps = 0

  private struct MomentKey: Hashable {
    let name: Moment.Name
    let component: String?
  }

  init(_ events: [JournalEvent]) {
    creation = events.first.flatMap { try? $0.body.decode(RunCreation.self) }
    let records = (creation?.steps ?? []).filter { $0.phase == .verify || $0.phase == .cutover }
    deciding = records.map(\.id)
    decidingOf = Dictionary(grouping: records, by: { $0.component ?? "" })
      .mapValues { $0.map(\.id) }
    for event in events { take(event) }
  }

  private mutating func take(_ event: JournalEvent) {
    switch event.type {
    case .moment:
      if let moment = try? event.body.decode(Moment.self) {
        moments[MomentKey(name: moment.name, component: moment.component)] = moment
      }
    case .finding:
      if let finding = try? event.body.decode(Finding.self) { findings.append(finding) }
    case .clockJumped: clockJumps += 1
    case .runFinished: isFinished = true
    case .runReopened: isFinished = false
    case .effectIntended: change(event) { $0.isMade = true }
    case .effectConfirmed: change(event) { $0.identity = event.body["identity"] }
    case .stepReopened:
      change(event) { times in
        // From the end to the new beginning it was a person's turn.
        if let ended = times.ended {
          var reopening = StepTiming()
          reopening.person = (event.at.wall - ended).wholeMilliseconds
          times.timing += reopening
        }
        times.ended = nil
        times.type = nil
      }
    case .stepStarted:
      guard let step = event.step else { return }
      steps[step, default: StepTimes()].started = steps[step]?.started ?? event.at.wall
    case .stepSucceeded, .stepFailed, .stepSkipped, .stepCancelled:
      change(event) { times in
        times.ended = event.at.wall
        times.type = event.type
        times.why = event.body["reason"]?.stringValue
        if let timing = try? event.body["timing"]?.decode(StepTiming.self) {
          times.timing += timing
        }
      }
    default: break
    }
  }

  private mutating func change(_ event: JournalEvent, _ body: (inout StepTimes) -> Void) {
    if let step = event.step { body(&steps[step, default: StepTimes()]) }
  }

  func moment(_ name: Moment.Name, _ component: String?) -> Moment? {
    moments[MomentKey(name: name, component: component)]
  }

  func figures(of component: String, since incident: Timestamp) -> ComponentFigures {
    let back = { (name: Moment.Name) in
      moment(name, component).map { (incident - $0.at).wholeMilliseconds }
    }
    return ComponentFigures(
      name: component, rto: end(of: [component]).map { ($0 - incident).wholeMilliseconds },
      rpoByService: back(.recoveryPoint), rpoMeasured: back(.lastCommitted))
  }

  /// When the last check or cut-over of the components was in force; nil unless all of them were.
  func end(of components: [String]) -> Timestamp? {
    let ends = components.flatMap { decidingOf[$0] ?? [] }.map {
      steps[$0]?.type == .stepSucceeded ? steps[$0]?.ended : nil
    }
    if ends.isEmpty || ends.contains(nil) { return nil }
    // Users may be sent to the old place for as long as its record is kept.
    return (ends.compactMap { $0 } + components.compactMap { moment(.cutOver, $0)?.at }).max()
  }

  /// From the step that ended last back along whatever each one waited for longest.
  func criticalPath() -> [String] {
    let records = Dictionary(
      (creation?.steps ?? []).map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    let latest = { (ids: [String]) in
      ids.filter { steps[$0]?.ended != nil }.max { left, right in
        (steps[left]?.ended ?? .init(nanoseconds: 0))
          < (steps[right]?.ended ?? .init(nanoseconds: 0))
      }
    }
    var path: [String] = []
    var current = latest(deciding)
    while let id = current, path.count <= records.count {
      path.append(id)
      current = latest(records[id]?.dependsOn ?? [])
    }
    return path.reversed()
  }

  /// Shares the time out along the critical path; what nothing else accounts for is our overhead.
  func split(_ path: [String], before: Int64, total: Int64?) -> TimeSplit {
    var split = TimeSplit()
    guard let total else { return split }
    split.beforeRun = before
    let verifying = Set((creation?.steps ?? []).filter { $0.phase == .verify }.map(\.id))
    for id in path {
      guard let times = steps[id], let started = times.started, let ended = times.ended else {
        continue
      }
      let length = (ended - started).wholeMilliseconds
      split.person += min(times.timing.person, length)
      if verifying.contains(id) {
        split.verification += max(0, length - times.timing.retries)
      } else {
        split.cloud += min(max(0, times.timing.cloud), length)
      }
    }
    split.cloud += lingering(after: path)
    split.overhead =
      total - split.beforeRun - split.person - split.cloud - split.verification
    return split
  }

  /// For how long users may still have gone by an old record once the last step had ended.
  private func lingering(after path: [String]) -> Int64 {
    let names = Set((creation?.steps ?? []).compactMap(\.component))
    guard let ended = path.last.flatMap({ steps[$0]?.ended }),
      let last = names.compactMap({ moment(.cutOver, $0)?.at }).max()
    else { return 0 }
    return max(0, (last - ended).wholeMilliseconds)
  }

  /// What the run made, was to remove, and has not removed.
  func leftovers() -> [Leftover] {
    (creation?.steps ?? []).compactMap { record in
      guard let removal = record.removal, let made = steps[removal.of], made.isMade,
        steps[record.id]?.type != .stepSucceeded
      else { return nil }
      return Leftover(
        what: removal.what, identity: made.identity, cost: removal.cost,
        why: steps[record.id]?.why ?? "step \(record.id) has not ended")
    }
  }

  func verdict(rto: Achievement, rpo: Achievement) -> (Verdict, [String]) {
    var reasons: [String] = []
    let bad = steps.filter { $0.value.type == .stepFailed || $0.value.type == .stepCancelled }
    reasons += bad.keys.sorted().map { "step \($0) did not succeed" }
    if isFinished { reasons += leftovers().map { "left over: \($0.what)" } }
    if rto.isMet == false, rto.achieved != nil { reasons.append("the RTO objective is missed") }
    if rpo.isMet == false, rpo.achieved != nil { reasons.append("the RPO objective is missed") }
    if !reasons.isEmpty { return (.fail, reasons) }
    if !isFinished { return (.notMeasured, ["the run has not ended"]) }
    if rto.isMet == false { reasons.append("the RTO could not be measured") }
    if rpo.isMet == false { reasons.append("the RPO could not be measured") }
    if !reasons.isEmpty { return (.notMeasured, reasons) }
    reasons += steps.filter { $0.value.type == .stepSkipped }.keys.sorted().map {
      "step \($0) was skipped: \(steps[$0]?.why ?? "no reason given")"
    }
    reasons += findings.filter { $0.severity == .exception }.map(\.text)
    if clockJumps > 0 { reasons.append("the clock jumped \(clockJumps) time(s)") }
    return (reasons.isEmpty ? .pass : .passWithExceptions, reasons)
  }
}
