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

/// Renews the lease, and watches the clocks while at it.
struct LeaseKeeper {
  let log: RunLog
  let time: any TimeSource

  func run(_ sender: AsyncStream<RunExecutor.Signal>.Continuation) async {
    var last = time.now()
    while (try? await time.sleep(for: Lease.heartbeatInterval)) != nil {
      do {
        try await log.renewLease()
        let now = time.now()
        try await log.write(ClockWatch.drafts(from: last, to: now, beat: Lease.heartbeatInterval))
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
}
