import CZstd
public import Platform

/// Decompresses zstd frames one after another, part by part, in constant memory.
public final class ZstdReader {
  /// The largest window that is accepted, as a power of two: what the compressor here may choose.
  private static let maximumWindow: Int32 = 27

  private let context: OpaquePointer
  private var output: [UInt8]
  private var isAtBoundary = true

  /// Creates a reader.
  ///
  /// - Throws: `Problem` when there is no memory.
  public init() throws(Problem) {
    guard let context = ZSTD_createDCtx() else { throw Self.damaged("there is no memory") }
    self.context = context
    ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, Self.maximumWindow)
    output = [UInt8](repeating: 0, count: ZSTD_DStreamOutSize())
  }

  deinit { ZSTD_freeDCtx(context) }

  /// Takes the next part of the file and hands on what it holds.
  ///
  /// - Throws: `Problem` when the file is damaged; whatever `body` throws.
  public func read(
    _ part: [UInt8], into body: (UnsafeRawBufferPointer) throws -> Void
  ) throws {
    try part.withUnsafeBytes { bytes in
      var input = ZSTD_inBuffer(src: bytes.baseAddress, size: bytes.count, pos: 0)
      var isFull = false
      while input.pos < input.size || isFull {
        let (left, count) = output.withUnsafeMutableBytes { space in
          var out = ZSTD_outBuffer(dst: space.baseAddress, size: space.count, pos: 0)
          return (ZSTD_decompressStream(context, &out, &input), out.pos)
        }
        guard ZSTD_isError(left) == 0 else {
          throw Self.damaged(String(cString: ZSTD_getErrorName(left)))
        }
        isAtBoundary = left == 0
        isFull = count == output.count && left != 0
        if count > 0 {
          try output.withUnsafeBytes { try body(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
        }
      }
    }
  }

  /// - Throws: `Problem` when the file ended in the middle.
  public func finish() throws(Problem) {
    guard isAtBoundary else { throw Self.damaged("it ends in the middle") }
  }

  private static func damaged(_ reason: String) -> Problem {
    Problem(
      "cannot read a zstd file", because: reason,
      fix: "Use the file as it was written, from a copy that was not changed.")
  }
}
