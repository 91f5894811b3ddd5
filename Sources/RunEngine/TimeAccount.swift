import Platform
import RunJournal

/// Keeps the account of where a step's time goes.
struct TimeAccount {
  enum Pause { case poll, retry }

  private let time: any TimeSource
  private let waitsForPerson: Bool
  private(set) var timing = StepTiming()
  private var lastPause: Int64 = 0

  init(time: any TimeSource, waitsForPerson: Bool) {
    self.time = time
    self.waitsForPerson = waitsForPerson
  }

  /// Waits for something outside to answer.
  mutating func call<Result>(_ body: () async throws -> Result) async throws -> Result {
    let start = time.now().sinceBoot
    defer { add(milliseconds(since: start), to: \.cloud) }
    return try await body()
  }

  /// Waits on our own decision.
  mutating func pause(_ pause: Pause, for duration: Duration) async throws {
    let start = time.now().sinceBoot
    defer {
      let spent = milliseconds(since: start)
      switch pause {
      case .retry: timing.retries += spent
      case .poll:
        add(spent, to: \.cloud)
        lastPause = spent
      }
    }
    try await time.sleep(for: duration)
  }

  /// The pause before the look that found the end was, at worst, all lag: the end may have come
  /// right after the look before.
  mutating func foundReady() {
    guard !waitsForPerson else { return }
    timing.cloud -= lastPause
    timing.pollingLag += lastPause
    lastPause = 0
  }

  private mutating func add(_ spent: Int64, to account: WritableKeyPath<StepTiming, Int64>) {
    timing[keyPath: waitsForPerson ? \.person : account] += spent
  }

  private func milliseconds(since start: Int64) -> Int64 {
    (time.now().sinceBoot - start) / 1_000_000
  }
}
