import Measurement
import Platform
public import RunJournal

/// How long a run is likely to take, from how long its steps have taken before; milliseconds.
public struct Prediction: Sendable {
  /// A length with the shortest and the longest that was seen.
  public struct Range: Sendable, Equatable {
    /// The shortest.
    public let shortest: Int64
    /// The one in the middle.
    public let likely: Int64
    /// The longest.
    public let longest: Int64
  }

  private let lengths: [String: Range]
  private let steps: [RunCreation.StepRecord]
  /// From how many runs it is made.
  public let runs: Int

  /// Learns from earlier runs of the same plan in the same mode; nil when none of them helps.
  public init?(_ reports: [RunReport], mode: RunMode, steps: [RunCreation.StepRecord]) {
    let useful = reports.filter { $0.creation.mode == mode && $0.figures.rto.achieved != nil }
    var seen: [String: [Int64]] = [:]
    for step in useful.flatMap(\.account.steps) where step.status == "succeeded" {
      guard let began = step.began, let ended = step.ended else { continue }
      seen[step.id, default: []].append(max(0, (ended - began).wholeMilliseconds))
    }
    guard !seen.isEmpty else { return nil }
    lengths = seen.mapValues { values in
      let sorted = values.sorted()
      return Range(
        shortest: sorted[0], likely: sorted[sorted.count / 2], longest: sorted[sorted.count - 1])
    }
    self.steps = steps
    runs = useful.count
  }

  /// From the start of a run to its last check or cut-over.
  public var rto: Range { remaining(after: [:], now: 0) }

  /// From now to the last check or cut-over.
  ///
  /// - Parameters:
  ///   - known: when the steps began and ended, in milliseconds of the run; a step that has ended
  ///     takes no more time, one that has begun takes what is left of its length.
  ///   - now: the moment, in milliseconds of the run.
  public func remaining(
    after known: [String: (began: Int64, ended: Int64?)], now: Int64
  ) -> Range {
    let at = { (length: any KeyPath<Range, Int64> & Sendable) in end(known, now, length) - now }
    return Range(
      shortest: max(0, at(\.shortest)), likely: max(0, at(\.likely)), longest: max(0, at(\.longest))
    )
  }

  private func end(
    _ known: [String: (began: Int64, ended: Int64?)], _ now: Int64,
    _ length: any KeyPath<Range, Int64> & Sendable
  ) -> Int64 {
    var ends: [String: Int64] = [:]
    var last = now
    // The steps of a run are journaled in an order in which what is needed comes first.
    for step in steps {
      let start = max(now, step.dependsOn.compactMap { ends[$0] }.max() ?? 0)
      let expected = lengths[step.id]?[keyPath: length] ?? 0
      let end =
        if let times = known[step.id] {
          times.ended ?? max(now, times.began + expected)
        } else { start + expected }
      ends[step.id] = end
      if step.phase == .verify || step.phase == .cutover { last = max(last, end) }
    }
    return last
  }
}
