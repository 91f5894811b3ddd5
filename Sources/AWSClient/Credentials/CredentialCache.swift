import Platform
import Synchronization

/// Keeps credentials for as long as they are good, and asks for new ones once, however many callers
/// need them.
///
/// New ones are asked for in good time before the old ones expire. When that fails, the old ones serve
/// until shortly before their end.
final class CredentialCache: Sendable {
  /// From so long before they expire on, new ones are asked for; then, they are demanded.
  static let advisory: Duration = .seconds(15 * 60)
  static let mandatory: Duration = .seconds(10 * 60)
  /// After a failed advisory refresh, so long is waited before the next.
  static let pauseAfterFailure: Duration = .seconds(60)

  private struct State {
    var known: AWSCredentials?
    var refresh: (number: Int, task: Task<AWSCredentials, any Error>)?
    var refreshes = 0
    var notBefore: Timestamp?
  }

  private let provider: any CredentialProvider
  private let time: any TimeSource
  private let missing: Problem
  private let state = Mutex(State())

  init(_ provider: any CredentialProvider, time: any TimeSource, missing: Problem) {
    self.provider = provider
    self.time = time
    self.missing = missing
  }

  /// Credentials that are good for a while.
  ///
  /// - Throws: what the provider throws; `Problem` when no place has any.
  nonisolated(nonsending) func current() async throws -> AWSCredentials {
    let now = time.now().wall
    let known = state.withLock { $0.known }
    let left = known.flatMap { $0.expiration.map { $0 - now } }
    if let known {
      guard let left, left <= Self.advisory else { return known }
      let isTooEarly = state.withLock { $0.notBefore.map { now < $0 } ?? false }
      if left > Self.mandatory, isTooEarly { return known }
    }
    do {
      return try await refreshed()
    } catch {
      guard let known, let left, left > .zero, !(error is CancellationError) else { throw error }
      state.withLock { $0.notBefore = now + Self.pauseAfterFailure }
      return known
    }
  }

  /// Forgets what is known, since the service says that it has expired.
  func forget() { state.withLock { $0.known = nil } }

  private func refreshed() async throws -> AWSCredentials {
    let (number, task) = state.withLock { state in
      if let running = state.refresh { return running }
      state.refreshes += 1
      // The work belongs to all who wait for it: one who gives up does not end it.
      let task = Task { [provider, missing] in
        guard let found = try await provider.credentials() else { throw missing }
        return found
      }
      state.refresh = (state.refreshes, task)
      return (state.refreshes, task)
    }
    let result = await task.result
    state.withLock { state in
      guard state.refresh?.number == number else { return }
      state.refresh = nil
      if case .success(let found) = result {
        state.known = found
        state.notBefore = nil
      }
    }
    return try result.get()
  }
}
