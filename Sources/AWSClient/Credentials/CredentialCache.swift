import Platform
import Synchronization

/// Keeps credentials for as long as they are good, and asks for new ones once, however many callers
/// need them.
///
/// New ones are asked for in good time before the old ones expire. While that is under way, and when it
/// fails, the old ones serve until their end: who is asked for a code may take a while.
final class CredentialCache: Sendable {
  /// From so long before they expire on, new ones are asked for.
  static let advisory: Duration = .seconds(15 * 60)
  /// After a failed refresh, so long is waited before the next while the old ones are good.
  static let pauseAfterFailure: Duration = .seconds(60)

  private struct State {
    var known: AWSCredentials?
    var refresh: (number: Int, task: Task<AWSCredentials, any Error>)?
    var refreshes = 0
    var notBefore: Timestamp?
    /// Whether there have been any in this process.
    var hasServed = false
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
  /// - Throws: what the provider throws; `Problem` when no place has any; ``CredentialsUnavailable`` in place of a
  ///   `Problem` when there have been some before.
  nonisolated(nonsending) func current() async throws -> AWSCredentials {
    let now = time.now().wall
    let known = state.withLock { $0.known }
    let left = known.flatMap { $0.expiration.map { $0 - now } }
    if let known {
      guard let left, left <= Self.advisory else { return known }
      let isAskedFor = state.withLock { state in
        state.refresh != nil || state.notBefore.map { now < $0 } ?? false
      }
      if left > .zero, isAskedFor { return known }
    }
    do {
      return try await refreshed()
    } catch {
      guard let known, let left, left > .zero, !(error is CancellationError) else {
        throw state.withLock { $0.hasServed } ? CredentialsUnavailable.of(error) : error
      }
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
        state.hasServed = true
      }
    }
    return try result.get()
  }
}
