import HTTPClient
import Platform
import Synchronization
import Testing

@testable import AWSClient

/// Gives what it is told to, and counts how often it was asked.
private final class CountingProvider: CredentialProvider {
  private let state = Mutex((asked: 0, lifetime: Duration.seconds(3_600), fails: false))
  private let time: SettableTime
  init(_ time: SettableTime) { self.time = time }
  var asked: Int { state.withLock { $0.asked } }
  func set(lifetime: Duration = .seconds(3_600), fails: Bool = false) {
    state.withLock {
      $0.lifetime = lifetime
      $0.fails = fails
    }
  }
  func credentials() async throws -> AWSCredentials? {
    let (number, lifetime, fails) = state.withLock { state in
      state.asked += 1
      return (state.asked, state.lifetime, state.fails)
    }
    for _ in 0..<20 { await Task.yield() }
    if fails { throw Problem("no", because: "no", fix: "no") }
    return AWSCredentials(
      accessKeyID: "K\(number)", secretAccessKey: Secret("s"),
      expiration: time.now().wall + lifetime, source: "test")
  }
}

private final class SettableTime: TimeSource {
  private let seconds = Mutex<Int64>(1_000_000)
  func now() -> ClockReading {
    let now = seconds.withLock { $0 }
    return ClockReading(wall: Timestamp(unixSeconds: now), sinceBoot: now * 1_000_000_000)
  }
  func sleep(for duration: Duration) async throws {}
  func advance(_ by: Int64) { seconds.withLock { $0 += by } }
}

@Suite struct CredentialCacheTests {
  private let time = SettableTime()
  private let provider: CountingProvider
  private let cache: CredentialCache

  init() {
    provider = CountingProvider(time)
    cache = CredentialCache(
      provider, time: time, missing: Problem("none", because: "none", fix: "none"))
  }

  @Test func aFleetOfCallsAsksOnce() async throws {
    try await withThrowingTaskGroup(of: String.self) { group in
      for _ in 0..<200 { group.addTask { [cache] in try await cache.current().accessKeyID } }
      for try await key in group { #expect(key == "K1") }
    }
    #expect(provider.asked == 1)
  }

  @Test func newOnesAreAskedForBeforeTheOldOnesEnd() async throws {
    _ = try await cache.current()
    time.advance(3_600 - 16 * 60)
    #expect(try await cache.current().accessKeyID == "K1")
    time.advance(2 * 60)
    #expect(try await cache.current().accessKeyID == "K2")
  }

  @Test func whenThereAreNoNewOnesTheOldOnesServeToTheirEndAndNoFurther() async throws {
    _ = try await cache.current()
    provider.set(fails: true)
    time.advance(3_600 - 14 * 60)
    #expect(try await cache.current().accessKeyID == "K1")
    #expect(provider.asked == 2)
    // It is not asked again at every call.
    #expect(try await cache.current().accessKeyID == "K1")
    #expect(provider.asked == 2)
    time.advance(13 * 60)
    #expect(try await cache.current().accessKeyID == "K1")
    time.advance(2 * 60)
    // Who logs in again mends it.
    await #expect(throws: CredentialsUnavailable.self) { try await cache.current() }
    provider.set()
    #expect(try await cache.current().accessKeyID == "K5")
  }

  @Test func whoHasNeverHadAnyIsToldAtOnce() async throws {
    provider.set(fails: true)
    await #expect(throws: Problem.self) { try await cache.current() }
  }

  /// A person who is asked for a code may take minutes.
  @Test func theOldOnesServeWhileNewOnesAreAskedFor() async throws {
    _ = try await cache.current()
    time.advance(3_600 - 60)
    let first = Task { [cache] in try await cache.current().accessKeyID }
    while provider.asked < 2 { await Task.yield() }
    #expect(try await cache.current().accessKeyID == "K1")
    #expect(try await first.value == "K2")
    #expect(provider.asked == 2)
  }

  @Test func aFailureNearTheEndIsNotAskedAboutAtEveryCall() async throws {
    _ = try await cache.current()
    provider.set(fails: true)
    time.advance(3_600 - 60)
    for _ in 0..<5 { #expect(try await cache.current().accessKeyID == "K1") }
    #expect(provider.asked == 2)
  }

  @Test func whatTheServiceHoldsForExpiredIsForgotten() async throws {
    _ = try await cache.current()
    cache.forget()
    #expect(try await cache.current().accessKeyID == "K2")
  }
}

@Suite struct RetryQuotaTests {
  private func error(_ kind: TransportError.Kind) -> AWSError {
    Call(request: GetCallerIdentity(), region: "r", attempt: 1).error(
      .noAnswer(TransportError(kind: kind, mayHaveArrived: true, origin: "o", detail: "d")))
  }

  @Test func retriesEndLongBeforeCallsDo() {
    var quota = RetryQuota()
    var retries = 0
    while quota.take(for: error(.connectionLost)) != nil { retries += 1 }
    #expect(retries == 100)
    quota.refund(5)
    #expect(quota.take(for: error(.timedOut)) == nil)
    #expect(quota.take(for: error(.connectionLost)) == 5)
    for _ in 0..<1_000 { quota.refund(0) }
    #expect(quota.left == RetryQuota.capacity)
  }
}
