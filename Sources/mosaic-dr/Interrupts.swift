import Dispatch
import Glibc

/// SIGINT and SIGTERM as a stream: each is a request to stop.
final class Interrupts {
  let stream: AsyncStream<Void>
  private let sources: [any DispatchSourceSignal]

  init() {
    let (stream, continuation) = AsyncStream<Void>.makeStream()
    self.stream = stream
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
