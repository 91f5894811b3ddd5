import CPosix
import Dispatch
import Glibc

/// A file that only ever grows, each part on the disk before the next is written.
///
/// Writes wait on a queue of their own, never on the threads that run tasks.
public final class AppendedFile: Sendable {
  private let path: String
  private let descriptor: Int32
  private let queue = DispatchQueue(label: "appended-file")

  /// Opens the file, or makes it, and cuts off what stands behind `length`.
  ///
  /// - Throws: ``FileError``; also when the file is shorter than `length`.
  public init(_ path: String, keeping length: Int64, mode: UInt32) throws(FileError) {
    self.path = path
    descriptor = mdr_open(path, O_WRONLY | O_CREAT | O_CLOEXEC, mode)
    guard descriptor >= 0 else { throw FileError("create", path) }
    let size = lseek(descriptor, 0, SEEK_END)
    guard size >= length else { throw FileError("go on with", path, code: EINVAL) }
    guard ftruncate(descriptor, off_t(length)) == 0, lseek(descriptor, 0, SEEK_END) >= 0 else {
      throw FileError("shorten", path)
    }
    if size == 0 { try DurableFile.syncFolder(of: path) }
  }

  deinit { close(descriptor) }

  /// Appends bytes; returns when they are on the disk.
  ///
  /// - Parameter durably: false for what is of no use after a crash; it need not be on the disk then.
  /// - Throws: ``FileError``.
  public func append(_ bytes: [UInt8], durably: Bool = true) async throws {
    try await withCheckedThrowingContinuation {
      (continuation: CheckedContinuation<Void, any Error>) in
      queue.async { @Sendable [self] in
        continuation.resume(with: Result { try write(bytes, durably: durably) })
      }
    }
  }

  private func write(_ bytes: [UInt8], durably: Bool) throws(FileError) {
    try DurableFile.writeAll(bytes, to: descriptor, path: path)
    guard durably else { return }
    guard fsync(descriptor) == 0 else { throw FileError("sync", path) }
  }
}
