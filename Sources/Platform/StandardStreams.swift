import Glibc
import Synchronization

/// Standard output and standard error as somebody else may leave them: closed, full, or a pipe whose reader
/// has gone. What is told to nobody is no reason to end: a run goes on, and a command ends with its own code.
public final class StandardStreams: Sendable {
  /// The first write to standard output that failed for another reason than a reader who has gone.
  private let failure = Mutex<Int32?>(nil)

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

  /// Why standard output is not whole: the system's error number.
  public var outputFailure: Int32? { failure.withLock { $0 } }

  /// Whether somebody may still read a stream; a pipe without a reader, or a terminal that is gone, says so.
  public func isRead(_ descriptor: Int32) -> Bool {
    var asked = pollfd(fd: descriptor, events: 0, revents: 0)
    return poll(&asked, 1, 0) <= 0 || asked.revents & Int16(POLLERR | POLLHUP) == 0
  }

  /// Writes all of a text; what cannot be written is noted for standard output, and else let go.
  public func write(_ text: String, to descriptor: Int32) {
    if descriptor == STDOUT_FILENO, outputFailure != nil { return }
    var bytes = Array(text.utf8)[...]
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
      case let number:
        if descriptor == STDOUT_FILENO { failure.withLock { $0 = $0 ?? number } }
        return
      }
    }
  }
}
