public import Platform

/// The hash chain over the events of a run: a changed, missing or added event breaks it.
public enum EventChain {
  /// Checks a run's events from the first to the last.
  ///
  /// - Returns: the hash of the last event; the origin hash when there is none.
  /// - Throws: ``BrokenChain`` with the first event that does not fit.
  public static func verify(_ events: [JournalEvent]) throws(BrokenChain) -> String {
    var previous = JournalEvent.origin
    for (index, event) in events.enumerated() {
      guard event.sequence == Int64(index + 1) else {
        throw BrokenChain(
          run: event.run, sequence: event.sequence,
          problem: "event \(index + 1) is missing or out of place")
      }
      guard event.previous == previous else {
        throw BrokenChain(
          run: event.run, sequence: event.sequence,
          problem: "it does not follow from the event before it")
      }
      guard (try? event.recomputedHash()) == event.hash else {
        throw BrokenChain(
          run: event.run, sequence: event.sequence, problem: "its content was changed")
      }
      previous = event.hash
    }
    return previous
  }
}

/// The journal was changed after it was written.
public struct BrokenChain: ExplainedError, Equatable {
  /// The run.
  public let run: String
  /// The first event that does not fit.
  public let sequence: Int64
  /// What is wrong with it.
  public let problem: String

  public var summary: String { "the journal does not hold together" }
  public var subject: String? { "run \(run), event \(sequence)" }
  public var reason: String { problem }
  public var remedy: String {
    "Keep the file as evidence; do not go on with this run before the change is explained."
  }
}
