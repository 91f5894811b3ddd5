import CPosix
import Dispatch
import Glibc

/// Reads a file part by part, in constant memory, on a queue of its own.
public final class FileReader: Sendable {
  /// How much is read at once, in bytes.
  public static let chunk = 256 << 10

  private let path: String
  private let descriptor: Int32
  private let queue = DispatchQueue(label: "file-reader")

  /// Opens the file.
  ///
  /// - Throws: ``FileError``.
  public init(_ path: String) throws(FileError) {
    self.path = path
    descriptor = mdr_open(path, O_RDONLY | O_CLOEXEC, 0)
    guard descriptor >= 0 else { throw FileError("open", path) }
  }

  deinit { close(descriptor) }

  /// The next part; nil at the end.
  ///
  /// - Throws: ``FileError``.
  public func next() async throws -> [UInt8]? {
    try await withCheckedThrowingContinuation {
      (continuation: CheckedContinuation<[UInt8]?, any Error>) in
      queue.async { @Sendable [self] in continuation.resume(with: Result { try read() }) }
    }
  }

  private func read() throws(FileError) -> [UInt8]? {
    var part = [UInt8](repeating: 0, count: Self.chunk)
    while true {
      let count = Glibc.read(descriptor, &part, part.count)
      if count > 0 { return Array(part.prefix(count)) }
      if count == 0 { return nil }
      guard errno == EINTR else { throw FileError("read", path) }
    }
  }
}
