import Platform
import Synchronization

/// Shares the key space out among workers: who has nothing left to do takes half of what another still
/// has before it. Workers may be bound to threads: then every thread has as much to do as any other.
///
/// A bound is only ever moved in front of keys that nobody has looked at, so that each key is compared
/// by exactly one worker.
final class RangeBoard: Sendable {
  /// A range is shared out only when it has shown to be long …
  static let pagesBeforeSplit = 4
  /// … and when a thread has nothing to do, or pages are waited for: else more connections would not make
  /// it faster.
  static let waitWorthSplitting: Duration = .milliseconds(8)

  /// A range that a worker is at.
  struct Active: Sendable {
    var range: KeyRange
    /// The thread of the worker.
    let thread: Int
    /// The highest key that the worker may have looked at.
    var seen: [UInt8]?
    var pages = 0
    var waited: Int64 = 0
    /// From how many pages on it may be split again.
    var splitFrom = RangeBoard.pagesBeforeSplit
    var isBeingSplit = false

    /// Whether its pages have been waited for, as a rule.
    var isWaitedFor: Bool {
      pages >= RangeBoard.pagesBeforeSplit
        && waited / Int64(pages) >= RangeBoard.waitWorthSplitting.wholeNanoseconds
    }
  }

  private struct State {
    var queue: [KeyRange]
    var active: [Int: Active] = [:]
    var next = 0
    var isOver = false
    /// How many ranges are at work on each thread.
    var loads: [Int]
    var idle: [CheckedContinuation<Void, Never>] = []
  }

  /// What an idle worker does next.
  enum Turn: Sendable {
    case work(id: Int, range: KeyRange)
    case split(id: Int, Active)
    case end
  }

  private let state: Mutex<State>

  /// - Parameter threads: how many threads the workers are spread over, evenly.
  init(_ ranges: [KeyRange], threads: Int = 1) {
    state = Mutex(
      State(queue: ranges.reversed(), loads: Array(repeating: 0, count: max(1, threads))))
  }

  /// Waits until there is something to do, or nothing ever will be.
  ///
  /// - Parameter thread: the worker's thread. Whoever has a thread with more to do than another leaves the
  ///   turn to that other.
  func turn(on thread: Int) async -> Turn {
    while true {
      if let turn = take(thread) { return turn }
      await withCheckedContinuation { continuation in
        let mayGoOn = state.withLock { state in
          if Self.hasTurn(state, thread) { return true }
          state.idle.append(continuation)
          return false
        }
        if mayGoOn { continuation.resume() }
      }
    }
  }

  /// Says that a worker is about to look at the keys up to `key`.
  ///
  /// - Returns: how far its range goes, as things stand, and whether its pages have shown to be waited for.
  func look(
    _ id: Int, upTo key: [UInt8]?, waited: Int64, pages: Int
  ) -> (upTo: [UInt8]?, isWaitedFor: Bool) {
    change { state in
      guard var active = state.active[id] else { return (nil, false) }
      if let key, active.seen.map({ KeyOrder.isLess($0, key) }) ?? true { active.seen = key }
      active.pages += pages
      active.waited += waited
      state.active[id] = active
      return (active.range.upTo, active.isWaitedFor)
    }
  }

  /// Gives the part of a range behind `key` to somebody else; nil when the range cannot be split.
  func split(_ id: Int, at key: [UInt8]?) {
    change { state in
      guard var active = state.active[id] else { return }
      active.isBeingSplit = false
      let isAhead = { (key: [UInt8]) in
        active.seen.map { KeyOrder.isLess($0, key) } ?? true
          && active.range.upTo.map { KeyOrder.isLess(key, $0) } ?? true
      }
      if let key, isAhead(key) {
        state.queue.append(
          KeyRange(prefix: active.range.prefix, after: key, upTo: active.range.upTo))
        active.range.upTo = key
        active.splitFrom = active.pages + Self.pagesBeforeSplit
      } else {
        active.splitFrom = active.pages * 2
      }
      state.active[id] = active
    }
  }

  func finish(_ id: Int) {
    change { state in
      guard let finished = state.active.removeValue(forKey: id) else { return }
      state.loads[finished.thread] -= 1
    }
  }

  /// Sends everybody home.
  func stop() { change { $0.isOver = true } }

  /// Who takes a turn may leave another to a thread that has no more to do than his own from then on.
  private func take(_ thread: Int) -> Turn? {
    let (turn, idle) = state.withLock { state in
      let turn = Self.turn(&state, thread)
      return (turn, turn == nil ? [] : Self.wake(&state))
    }
    for continuation in idle { continuation.resume() }
    return turn
  }

  private func change<Result>(_ body: (inout State) -> Result) -> Result {
    let (result, idle) = state.withLock { state in
      let result = body(&state)
      return (result, Self.wake(&state))
    }
    for continuation in idle { continuation.resume() }
    return result
  }

  /// Those who wait, if there is something to do.
  private static func wake(_ state: inout State) -> [CheckedContinuation<Void, Never>] {
    guard !state.idle.isEmpty, hasTurn(state) else { return [] }
    defer { state.idle = [] }
    return state.idle
  }

  private static func turn(_ state: inout State, _ thread: Int) -> Turn? {
    if state.isOver { return .end }
    guard isLeastBusy(thread, state) else { return nil }
    if let range = state.queue.popLast() {
      state.next += 1
      state.active[state.next] = Active(range: range, thread: thread)
      state.loads[thread] += 1
      return .work(id: state.next, range: range)
    }
    if state.active.isEmpty { return .end }
    guard let id = victim(state), var active = state.active[id] else { return nil }
    active.isBeingSplit = true
    state.active[id] = active
    return .split(id: id, active)
  }

  private static func hasTurn(_ state: State, _ thread: Int) -> Bool {
    hasTurn(state) && (state.isOver || isLeastBusy(thread, state))
  }

  private static func isLeastBusy(_ thread: Int, _ state: State) -> Bool {
    state.loads[thread] == state.loads.min()
  }

  /// Whether there is anything that some worker could do.
  private static func hasTurn(_ state: State) -> Bool {
    state.isOver || !state.queue.isEmpty || state.active.isEmpty || victim(state) != nil
  }

  /// The range that has been at work longest, for it is likely to have most before it.
  private static func victim(_ state: State) -> Int? {
    let hasIdleThread = state.loads.contains(0)
    let worthIt = state.active.filter { _, active in
      !active.isBeingSplit && active.pages >= active.splitFrom && active.seen != nil
        && (hasIdleThread || active.isWaitedFor)
    }
    return worthIt.max { $0.value.pages < $1.value.pages }?.key
  }
}
