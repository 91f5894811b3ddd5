import Platform

/// What a recovery point must not be later than: the moment asked for, else the incident. Whoever asks
/// for a moment after the incident gets it.
struct RecoveryBound: Sendable, Equatable {
  let at: Timestamp
  private let isAsked: Bool

  init(asked: Timestamp?, incident: Timestamp) {
    at = asked ?? incident
    isAsked = asked != nil
  }

  /// For those who restore by hand to the latest moment.
  static func remark(_ option: String) -> String {
    """
    Where wrong data is the loss and the database still runs, the latest moment lies after it: give `\(option)` with the last second at
    which the data was right, in place of `--use-latest-restorable-time`.
    """
  }

  /// For people.
  var words: String { "\(isAsked ? "the moment asked for" : "the incident"), \(at)" }

  /// What to do when nothing lies before it.
  var remedy: String {
    isAsked
      ? "Give a later --point-in-time, or choose another way back."
      : "Correct --incident-time, say with --point-in-time up to when the data is right, or choose "
        + "another way back."
  }
}

extension Timestamp {
  static let distantPast = Timestamp(nanoseconds: .min)

  /// RDS restores to whole seconds.
  var wholeSecond: Timestamp { Timestamp(unixSeconds: unixSeconds) }

  /// The moment of a restore window that comes nearest to `bound` and is not after it; nil when the
  /// window has none. RDS restores to any time before the latest restorable one (API Reference,
  /// "RestoreDBInstanceToPointInTime", "RestoreDBClusterToPointInTime").
  static func restorable(
    from earliest: Timestamp?, to latest: Timestamp, notAfter bound: Timestamp
  ) -> Timestamp? {
    let last = latest.wholeSecond < latest ? latest.wholeSecond : latest - .seconds(1)
    let moment = min(last, bound.wholeSecond)
    return moment >= earliest ?? .distantPast ? moment : nil
  }
}
