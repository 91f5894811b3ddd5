import CPosix
import Glibc

/// An advisory lock on a file (flock(2)); it is given back with the last reference to it, and by the
/// kernel when the process dies.
public final class FileLock: Sendable {
  private let descriptor: Int32

  /// Takes the lock; nil when another process has it.
  public init?(_ path: String) throws(FileError) {
    descriptor = mdr_open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw FileError("open", path) }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      close(descriptor)
      return nil
    }
  }

  deinit { close(descriptor) }
}
