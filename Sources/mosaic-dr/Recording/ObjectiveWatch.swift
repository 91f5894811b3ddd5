import Platform
import RunEngine
import RunJournal
import Synchronization

/// Judges every second how a run stands against its RTO objective: also while nothing happens, as when
/// a step hangs.
final class ObjectiveWatch: Sendable {
  private static let interval: Duration = .seconds(1)

  /// Why the objective is at risk; milliseconds.
  struct Risk: Sendable, Equatable {
    let objective: Int64
    /// Since the incident.
    let elapsed: Int64
    /// The RTO that earlier runs let expect; nil when there are none.
    let expected: Int64?
  }

  /// What a look has found that was not told before.
  struct News: Sendable {
    /// The outlook, when it has changed by a tenth or more.
    let outlook: Forecast.Outlook?
    /// Found once in a run.
    let risk: Risk?
  }

  private struct Seen {
    var state: RunState
    var toldRTO: Int64?
    var isRiskTold = false
  }

  private let forecast: Forecast?
  private let seen: Mutex<Seen>

  init(_ state: RunState, forecast: Forecast?) {
    self.forecast = forecast
    seen = Mutex(Seen(state: state))
  }

  func take(_ event: JournalEvent) { seen.withLock { $0.state.apply(event) } }

  /// Looks until the task is cancelled.
  func run(_ time: any TimeSource, tell: (News, Timestamp) -> Void) async {
    repeat {
      let now = time.now().wall
      tell(look(at: now), now)
    } while (try? await time.sleep(for: Self.interval)) != nil
  }

  func look(at now: Timestamp) -> News {
    seen.withLock { seen in
      guard !isDecided(seen.state) else { return News(outlook: nil, risk: nil) }
      let outlook = forecast?.outlook(of: seen.state, at: now)
      let risk = seen.isRiskTold ? nil : risk(seen.state, outlook, at: now)
      if risk != nil { seen.isRiskTold = true }
      return News(outlook: outlook.flatMap { isNews($0, &seen) ? $0 : nil }, risk: risk)
    }
  }

  /// Whether the RTO can change no more.
  private func isDecided(_ state: RunState) -> Bool {
    if state.isFinished { return true }
    let deciding = (state.creation?.steps ?? []).filter {
      $0.phase == .verify || $0.phase == .cutover
    }
    return !deciding.isEmpty && deciding.allSatisfy { state.status(of: $0.id).isTerminal }
  }

  /// At risk: four fifths of the time are over, or what earlier runs needed does not fit into the rest.
  private func risk(
    _ state: RunState, _ outlook: Forecast.Outlook?, at now: Timestamp
  ) -> Risk? {
    guard let objective = state.creation?.rtoObjective, let incident = state.incident else {
      return nil
    }
    let elapsed = (now - incident).wholeMilliseconds
    guard outlook?.isAtRisk == true || elapsed > objective / 5 * 4 else { return nil }
    return Risk(objective: objective, elapsed: elapsed, expected: outlook?.rto)
  }

  private func isNews(_ outlook: Forecast.Outlook, _ seen: inout Seen) -> Bool {
    if let told = seen.toldRTO, abs(told - outlook.rto) * 10 < max(told, 1) { return false }
    seen.toldRTO = outlook.rto
    return true
  }
}
