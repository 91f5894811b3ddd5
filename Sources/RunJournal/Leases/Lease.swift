public import Platform

/// The right to execute a run. The token grows with every holder, and each event carries it, so
/// that a holder that lost the lease without noticing can write nothing more.
public struct Lease: Sendable, Equatable {
  /// The run.
  public let run: String
  /// The fencing token.
  public let token: Int64

  /// How often a holder renews.
  public static let heartbeatInterval: Duration = .seconds(5)
  /// After how long without renewal a holder on another machine counts as gone.
  public static let staleAfter: Duration = .seconds(30)
}

/// Who executes a run, as far as the journal knows.
public struct LeaseHolder: Sendable, Equatable {
  /// The process.
  public let process: ProcessIdentity
  /// Since when.
  public let since: Timestamp
  /// When it last said that it lives.
  public let heartbeat: Timestamp

  /// Whether it still executes the run, as far as this process can know: it is not certainly gone, and
  /// has said that it lives.
  public func isAlive(at now: Timestamp) -> Bool {
    !process.isCertainlyGone(seenFrom: .current()) && now - heartbeat < Lease.staleAfter
  }
}

/// Another process executes the run.
public struct LeaseRefused: ExplainedError, Equatable {
  /// The run.
  public let run: String
  /// Who holds it.
  public let holder: LeaseHolder

  public var summary: String { "the run is being executed already" }
  public var subject: String? { "run \(run)" }
  public var reason: String {
    "\(holder.process.user)@\(holder.process.host), process \(holder.process.process), "
      + "has held it since \(holder.since) (last sign of life \(holder.heartbeat))"
  }
  public var remedy: String {
    "Watch it with 'mosaic-dr watch \(run)'; when that process is gone, resume again in "
      + "\(Lease.staleAfter.readable)."
  }
}

/// This process held the lease and lost it: it must not act any more.
public struct LeaseLost: ExplainedError, Equatable {
  /// The run.
  public let run: String

  public var summary: String { "another process has taken this run over" }
  public var subject: String? { "run \(run)" }
  public var reason: String { "this process did not renew its lease in time" }
  public var remedy: String { "Watch the run with 'mosaic-dr watch \(run)'." }
}
