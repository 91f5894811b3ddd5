import Evidence
import Platform
import RunEngine

/// What earlier runs say of how long a run still takes, against its RTO objective.
struct Forecast: Sendable {
  private let prediction: Prediction
  private let objective: Int64?

  init(_ prediction: Prediction, objective: Int64?) {
    self.prediction = prediction
    self.objective = objective
  }

  /// How a run looks at a moment; milliseconds.
  struct Outlook: Sendable {
    /// From then to its last check or cut-over.
    let left: Prediction.Range
    /// The RTO that comes of it.
    let rto: Int64
    let objective: Int64?

    var isAtRisk: Bool { objective.map { rto > $0 } ?? false }

    var text: String {
      let readable = { (milliseconds: Int64) in Duration.milliseconds(milliseconds).readable }
      let range =
        left.shortest == left.longest
        ? "" : " (\(readable(left.shortest)) to \(readable(left.longest)))"
      let outlook = "about \(readable(left.likely)) to go\(range), RTO about \(readable(rto))"
      guard let objective else { return outlook }
      return "\(outlook) of \(readable(objective))\(isAtRisk ? ": AT RISK" : "")"
    }
  }

  /// Nil as long as the run has no incident to count from.
  func outlook(of state: RunState, at now: Timestamp) -> Outlook? {
    guard let incident = state.incident else { return nil }
    let since = { (moment: Timestamp) in (moment - incident).wholeMilliseconds }
    let known = state.steps.compactMapValues { step in
      step.startedAt.map { (began: since($0.wall), ended: step.endedAt.map { since($0.wall) }) }
    }
    let left = prediction.remaining(after: known, now: since(now))
    return Outlook(left: left, rto: since(now) + left.likely, objective: objective)
  }
}
