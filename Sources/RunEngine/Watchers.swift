import Platform
import RunJournal
import StrictJSON

/// Takes up what operators ask from other terminals.
struct OperatorWatch {
  static let interval: Duration = .seconds(1)

  let log: RunLog
  let time: any TimeSource

  func run(_ sender: AsyncStream<RunExecutor.Signal>.Continuation) async {
    var seen: Set<Int64> = []
    while !Task.isCancelled {
      // A request that cannot be read now is still there the next time.
      for (id, request) in (try? await log.requests()) ?? [] where seen.insert(id).inserted {
        sender.yield(.requested(id, request))
      }
      guard (try? await time.sleep(for: Self.interval)) != nil else { return }
    }
  }
}

/// Renews the lease, and watches the two clocks while at it.
struct LeaseKeeper {
  /// A larger difference between the clocks' progress is a jump.
  static let tolerance: Duration = .seconds(1)

  let log: RunLog
  let time: any TimeSource

  func run(_ sender: AsyncStream<RunExecutor.Signal>.Continuation) async {
    var last = time.now()
    while (try? await time.sleep(for: Lease.heartbeatInterval)) != nil {
      do {
        try await log.renewLease()
        let now = time.now()
        try await reportJump(from: last, to: now)
        last = now
      } catch let error as LeaseLost {
        sender.yield(.leaseLost(error))
        return
      } catch {
        // The journal is busy or the disk is full: the step that writes next will say so.
        continue
      }
    }
  }

  private func reportJump(from last: ClockReading, to now: ClockReading) async throws {
    let jump = (now.wall - last.wall) - .nanoseconds(now.sinceBoot - last.sinceBoot)
    guard jump > Self.tolerance || jump < Duration.zero - Self.tolerance else { return }
    try await log.write(
      EventDraft(.clockJumped, body: ["jump_ms": .integer(jump.wholeMilliseconds)]))
  }
}
