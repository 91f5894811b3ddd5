import Dispatch
import Glibc
import Synchronization

/// Standard output and standard error as somebody else may leave them: closed, full, a pipe whose reader has
/// gone, or one whose reader pauses. What is told to nobody is no reason to end, and what nobody reads yet is
/// no reason to wait: a run goes on, and a command ends with its own code.
///
/// Texts are written in order, on a queue of their own.
public final class StandardStreams: Sendable {
  /// How much is kept for a reader who pauses, in bytes; what comes then is lost, and of standard output it is
  /// noted.
  private static let maximumPending = 64 << 20
  /// From here on a reader is behind, in bytes.
  private static let muchPending = 16 << 10

  private struct State {
    /// The first write to standard output that failed for another reason than a reader who has gone.
    var failure: Int32?
    /// What is not written yet, in bytes.
    var pending = 0
  }

  private let state = Mutex(State())
  private let writer = DispatchQueue(label: "standard-streams")

  /// The streams as they are, for who has not taken them over.
  public init() {}

  /// Takes the process' streams as they are.
  public static func takenOver() -> StandardStreams {
    // A reader who has gone is told by the write, not by a signal that would end a run.
    signal(SIGPIPE, SIG_IGN)
    // A stream that is closed would be the number of the next file that is opened, as the journal; so it
    // becomes one that cannot be used.
    for (descriptor, mode) in [(0, O_WRONLY), (1, O_RDONLY), (2, O_RDONLY)] as [(Int32, Int32)]
    where fcntl(descriptor, F_GETFD) < 0 {
      _ = open("/dev/null", mode)
    }
    return StandardStreams()
  }

  /// Why standard output is not whole, as far as it is written: the system's error number.
  public var outputFailure: Int32? { state.withLock { $0.failure } }

  /// Whether so much waits to be written that a picture which is drawn again soon need not be.
  public var isBehind: Bool { state.withLock { $0.pending > Self.muchPending } }

  /// Whether somebody may still read a stream; a pipe without a reader, or a terminal that is gone, says so.
  public func isRead(_ descriptor: Int32) -> Bool {
    var asked = pollfd(fd: descriptor, events: 0, revents: 0)
    return poll(&asked, 1, 0) <= 0 || asked.revents & Int16(POLLERR | POLLHUP) == 0
  }

  /// Writes all of a text, behind what was written before; what cannot be written is noted for standard
  /// output, and else let go.
  public func write(_ text: String, to descriptor: Int32) {
    let bytes = Array(text.utf8)
    let hasRoom = state.withLock { state in
      guard state.pending + bytes.count <= Self.maximumPending else { return false }
      state.pending += bytes.count
      return true
    }
    guard hasRoom else { return note(ENOBUFS, of: descriptor) }
    writer.async { @Sendable [self] in
      writeNow(bytes[...], to: descriptor)
      state.withLock { $0.pending -= bytes.count }
    }
  }

  /// Waits until everything is written, or was let go: as long as its reader wants, since nothing else waits
  /// for a command that is at its end.
  public func flush() { writer.sync {} }

  private func writeNow(_ text: ArraySlice<UInt8>, to descriptor: Int32) {
    if descriptor == STDOUT_FILENO, outputFailure != nil { return }
    var bytes = text
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count >= 0 {
        bytes = bytes.dropFirst(count)
        continue
      }
      switch errno {
      case EINTR: continue
      case EAGAIN:
        // Somebody has made the stream non-blocking for all who share it.
        var awaited = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        poll(&awaited, 1, 1_000)
      case EPIPE: return
      // A terminal that is gone.
      case EIO where !isRead(descriptor): return
      case let number: return note(number, of: descriptor)
      }
    }
  }

  private func note(_ number: Int32, of descriptor: Int32) {
    guard descriptor == STDOUT_FILENO else { return }
    state.withLock { $0.failure = $0.failure ?? number }
  }
}
