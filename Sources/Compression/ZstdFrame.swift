import CZstd
public import Platform

/// One zstd frame with its content size and a checksum (RFC 8878): what a report travels in.
public enum ZstdFrame {
  /// The largest content that is compressed or decompressed.
  public static let maximumContent = 256 << 20

  /// Compresses to exactly one frame.
  public static func compress(_ bytes: [UInt8], level: Int32 = 12) throws(Problem) -> [UInt8] {
    guard bytes.count <= maximumContent else {
      throw failure("it would hold more than \(maximumContent) bytes")
    }
    guard let context = ZSTD_createCCtx() else { throw failure("no memory") }
    defer { ZSTD_freeCCtx(context) }
    ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, level)
    ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, 1)
    ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1)
    var frame = [UInt8](repeating: 0, count: ZSTD_compressBound(bytes.count))
    let count = ZSTD_compress2(context, &frame, frame.count, bytes, bytes.count)
    guard ZSTD_isError(count) == 0 else { throw failure(String(cString: ZSTD_getErrorName(count))) }
    return Array(frame.prefix(count))
  }

  /// Decompresses exactly one frame that says how much it holds; anything behind it is refused.
  public static func decompress(_ frame: [UInt8]) throws(Problem) -> [UInt8] {
    let declared = ZSTD_getFrameContentSize(frame, frame.count)
    guard declared <= UInt64(maximumContent) else {
      throw failure("it does not say its size, or holds more than \(maximumContent) bytes")
    }
    guard frame.count > 4, frame[4] & 0b100 != 0 else { throw failure("it has no checksum") }
    guard ZSTD_findFrameCompressedSize(frame, frame.count) == frame.count else {
      throw failure("it is not exactly one frame")
    }
    var content = [UInt8](repeating: 0, count: Int(declared))
    let count = ZSTD_decompress(&content, content.count, frame, frame.count)
    guard ZSTD_isError(count) == 0, count == content.count else {
      throw failure("it is damaged")
    }
    return content
  }

  private static func failure(_ reason: String) -> Problem {
    Problem(
      "cannot read or write a zstd frame", because: reason,
      fix: "Use the file as it was written, from a copy that was not changed.")
  }
}
