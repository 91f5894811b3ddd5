import Evidence
import Platform
import RunEngine
import RunJournal
import Synchronization

/// Follows a run and says how much longer it is likely to take, against the objective.
final class Forecast: Sendable {
  private struct Times {
    var known: [String: (began: Int64, ended: Int64?)] = [:]
    var told: Int64?
  }

  private let prediction: Prediction
  private let objective: Int64?
  private let incident: Timestamp?
  private let times: Mutex<Times>

  init(_ prediction: Prediction, objective: Int64?, _ state: RunState) {
    self.prediction = prediction
    self.objective = objective
    incident = state.incident
    var known: [String: (began: Int64, ended: Int64?)] = [:]
    if let incident = state.incident {
      for (id, step) in state.steps {
        guard let began = step.startedAt else { continue }
        known[id] = (
          (began.wall - incident).wholeMilliseconds,
          step.endedAt.map { ($0.wall - incident).wholeMilliseconds }
        )
      }
    }
    times = Mutex(Times(known: known))
  }

  /// A line after an event that changes the outlook by a tenth or more; nil for others.
  func line(after event: JournalEvent) -> String? {
    guard let incident, let step = event.step else { return nil }
    let now = (event.at.wall - incident).wholeMilliseconds
    return times.withLock { times in
      switch event.type {
      case .stepStarted: times.known[step] = (now, nil)
      case .stepSucceeded, .stepFailed, .stepSkipped, .stepCancelled:
        times.known[step] = (times.known[step]?.began ?? now, now)
      default: return nil
      }
      let left = prediction.remaining(after: times.known, now: now)
      let end = now + left.likely
      if let told = times.told, abs(told - end) * 10 < max(told, 1) { return nil }
      times.told = end
      return words(left, end)
    }
  }

  private func words(_ left: Prediction.Range, _ end: Int64) -> String {
    let readable = { (milliseconds: Int64) in Duration.milliseconds(milliseconds).readable }
    let outlook =
      "about \(readable(left.likely)) to go (\(readable(left.shortest)) to "
      + "\(readable(left.longest))), RTO about \(readable(end))"
    guard let objective else { return outlook }
    return "\(outlook) of \(readable(objective))\(end > objective ? ": AT RISK" : "")"
  }
}
