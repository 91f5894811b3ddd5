import Dispatch
import Glibc

/// SIGINT and SIGTERM as a stream: each is a request to stop. SIGHUP is none: a recovery goes on when the
/// connection of whoever began it breaks off.
final class Interrupts {
  let stream: AsyncStream<Void>
  private let sources: [any DispatchSourceSignal]

  init() {
    let (stream, continuation) = AsyncStream<Void>.makeStream()
    self.stream = stream
    signal(SIGHUP, SIG_IGN)
    sources = [SIGINT, SIGTERM].map { number in
      // The default action would end the process before the journal knows.
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler { @Sendable in continuation.yield() }
      source.resume()
      return source
    }
  }
}
