import CZlib
public import Platform

/// Decompresses a gzip file (RFC 1952) part by part, in constant memory; also one of several members.
public final class GzipReader {
  /// How much is handed out at once, in bytes.
  public static let chunk = 256 << 10

  private var stream = z_stream()
  private var output = [UInt8](repeating: 0, count: GzipReader.chunk)
  private var isAtBoundary = true

  /// Creates a reader.
  ///
  /// - Throws: `Problem` when there is no memory.
  public init() throws(Problem) {
    // 16 above the largest window: a gzip header and trailer are expected.
    guard mdr_inflate_init(&stream, 16 + MAX_WBITS) == Z_OK else {
      throw Self.damaged("there is no memory for another one")
    }
  }

  deinit { inflateEnd(&stream) }

  /// Takes the next part of the file and hands on what it holds.
  ///
  /// - Throws: `Problem` when the file is damaged; whatever `body` throws.
  public func read(
    _ part: [UInt8], into body: (UnsafeRawBufferPointer) throws -> Void
  ) throws {
    var part = part
    try part.withUnsafeMutableBufferPointer { input in
      stream.next_in = input.baseAddress
      stream.avail_in = UInt32(clamping: input.count)
      // A full output may hide more of it, also when all input was taken.
      var isFull = false
      while stream.avail_in > 0 || isFull {
        isAtBoundary = try fill(body)
        isFull = stream.avail_out == 0 && !isAtBoundary
      }
      stream.next_in = nil
    }
  }

  /// - Throws: `Problem` when the file ended in the middle.
  public func finish() throws(Problem) {
    guard isAtBoundary else { throw Self.damaged("it ends in the middle") }
  }

  /// - Returns: whether a member came to its end.
  private func fill(_ body: (UnsafeRawBufferPointer) throws -> Void) throws -> Bool {
    let (code, count) = output.withUnsafeMutableBufferPointer { space in
      stream.next_out = space.baseAddress
      stream.avail_out = UInt32(space.count)
      let code = inflate(&stream, Z_NO_FLUSH)
      return (code, space.count - Int(stream.avail_out))
    }
    if count > 0 {
      try output.withUnsafeBytes { try body(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
    }
    switch code {
    case Z_OK: return false
    case Z_STREAM_END:
      inflateReset(&stream)
      return true
    case Z_BUF_ERROR where stream.avail_in == 0: return false
    default: throw Self.damaged(stream.msg.map { String(cString: $0) } ?? "zlib code \(code)")
    }
  }

  private static func damaged(_ reason: String) -> Problem {
    Problem(
      "cannot read a gzip file", because: reason,
      fix: "Use the file as it was written, from a copy that was not changed.")
  }
}
