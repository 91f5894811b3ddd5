import CPosix
import Glibc

/// Adding to the end of a file so that what was added lasts through a power cut.
public enum AppendOnlyFile {
  /// Appends `bytes`, then fsync; the first append makes the file, and its name durable.
  ///
  /// - Throws: ``FileError``; part of the bytes may then stand at the end of the file.
  public static func append(
    _ bytes: [UInt8], to path: String, mode: UInt32
  ) throws(FileError) {
    let isNew = !DurableFile.exists(path)
    let descriptor = mdr_open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, mode)
    guard descriptor >= 0 else { throw FileError("open", path) }
    defer { close(descriptor) }
    try DurableFile.writeAll(bytes, to: descriptor, path: path)
    guard fsync(descriptor) == 0 else { throw FileError("sync", path) }
    if isNew { try DurableFile.syncFolder(of: path) }
  }

  /// Cuts a file to its first `count` bytes, then fsync.
  public static func cut(_ path: String, to count: Int) throws(FileError) {
    let descriptor = mdr_open(path, O_WRONLY | O_CLOEXEC, 0)
    guard descriptor >= 0 else { throw FileError("open", path) }
    defer { close(descriptor) }
    guard ftruncate(descriptor, count) == 0 else { throw FileError("cut", path) }
    guard fsync(descriptor) == 0 else { throw FileError("sync", path) }
  }
}

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
