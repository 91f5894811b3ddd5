import Platform
import RecoveryPlan
import RunJournal

/// The name of what a run makes in place of something: a drill's copy has a name of its own run; a
/// restore has the plan's, else one of its run.
struct CopyName {
  /// RDS takes at most 63 characters, and some of them are needed for the run and for numbers.
  private static let longest = 63
  private static let reserved = 20

  let mode: RunMode
  let run: ULID
  /// What makes a copy of the same thing, in the order of the plan, and which of them this is.
  let twins: [String]
  let own: String

  /// - Parameter planned: the name that the plan gives a restore.
  func name(of source: String, planned: String?) -> String {
    if mode == .restore, let planned { return planned.lowercased() }
    let word = mode == .drill ? "drill" : "restored"
    let stem = source.lowercased().prefix(Self.longest - word.count - Self.reserved)
    return "\(stem)-\(word)-\(run.shortForm)\(twinNumber)"
  }

  /// Tells the copies of one thing apart, when several components make one.
  private var twinNumber: String {
    guard twins.count > 1, let place = twins.firstIndex(of: own) else { return "" }
    return "-\(place + 1)"
  }
}
