/// MD5 (RFC 1321). Broken for everything but what S3 uses it for: to notice damage.
public struct MD5 {
  private static let shifts: [UInt32] = [7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21]
  /// The whole part of 2^32 · |sin(i + 1)|.
  private static let table: [UInt32] = [
    0xd76a_a478, 0xe8c7_b756, 0x2420_70db, 0xc1bd_ceee, 0xf57c_0faf, 0x4787_c62a, 0xa830_4613,
    0xfd46_9501, 0x6980_98d8, 0x8b44_f7af, 0xffff_5bb1, 0x895c_d7be, 0x6b90_1122, 0xfd98_7193,
    0xa679_438e, 0x49b4_0821, 0xf61e_2562, 0xc040_b340, 0x265e_5a51, 0xe9b6_c7aa, 0xd62f_105d,
    0x0244_1453, 0xd8a1_e681, 0xe7d3_fbc8, 0x21e1_cde6, 0xc337_07d6, 0xf4d5_0d87, 0x455a_14ed,
    0xa9e3_e905, 0xfcef_a3f8, 0x676f_02d9, 0x8d2a_4c8a, 0xfffa_3942, 0x8771_f681, 0x6d9d_6122,
    0xfde5_380c, 0xa4be_ea44, 0x4bde_cfa9, 0xf6bb_4b60, 0xbebf_bc70, 0x289b_7ec6, 0xeaa1_27fa,
    0xd4ef_3085, 0x0488_1d05, 0xd9d4_d039, 0xe6db_99e5, 0x1fa2_7cf8, 0xc4ac_5665, 0xf429_2244,
    0x432a_ff97, 0xab94_23a7, 0xfc93_a039, 0x655b_59c3, 0x8f0c_cc92, 0xffef_f47d, 0x8584_5dd1,
    0x6fa8_7e4f, 0xfe2c_e6e0, 0xa301_4314, 0x4e08_11a1, 0xf753_7e82, 0xbd3a_f235, 0x2ad7_d2bb,
    0xeb86_d391,
  ]

  private var state: [UInt32] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476]
  private var rest: [UInt8] = []
  private var count: UInt64 = 0

  /// An MD5 digest: 16 bytes.
  public struct Digest: Sendable, Hashable {
    /// The bytes.
    public let bytes: [UInt8]
    /// 32 lower-case hexadecimal digits.
    public var hex: String { Hex.encode(bytes) }
  }

  /// Starts a digest over bytes that come in parts.
  public init() {}

  /// Adds the next part.
  public mutating func update(_ bytes: [UInt8]) {
    count += UInt64(bytes.count)
    rest += bytes
    var offset = 0
    rest.withUnsafeBufferPointer { buffer in
      while buffer.count - offset >= 64 {
        Self.mix(&state, UnsafeBufferPointer(rebasing: buffer[offset..<offset + 64]))
        offset += 64
      }
    }
    rest.removeFirst(offset)
  }

  /// The digest of all parts so far.
  public func finalized() -> Digest {
    var copy = self
    let bits = count &* 8
    let padding = 1 + (119 - Int(count % 64)) % 64
    copy.update([0x80] + [UInt8](repeating: 0, count: padding - 1) + Self.littleEndian(bits, 8))
    return Digest(bytes: copy.state.flatMap { Self.littleEndian(UInt64($0), 4) })
  }

  private static func littleEndian(_ value: UInt64, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: value >> UInt64(8 * $0)) }
  }

  private static func mix(_ state: inout [UInt32], _ block: UnsafeBufferPointer<UInt8>) {
    var (a, b, c, d) = (state[0], state[1], state[2], state[3])
    for round in 0..<64 {
      let mixed: UInt32
      let index: Int
      switch round / 16 {
      case 0: (mixed, index) = ((b & c) | (~b & d), round)
      case 1: (mixed, index) = ((d & b) | (~d & c), (5 * round + 1) % 16)
      case 2: (mixed, index) = (b ^ c ^ d, (3 * round + 5) % 16)
      default: (mixed, index) = (c ^ (b | ~d), 7 * round % 16)
      }
      let word =
        UInt32(block[4 * index]) | UInt32(block[4 * index + 1]) << 8
        | UInt32(block[4 * index + 2]) << 16 | UInt32(block[4 * index + 3]) << 24
      let sum = a &+ mixed &+ table[round] &+ word
      let shift = shifts[round / 16 * 4 + round % 4]
      (a, d, c, b) = (d, c, b, b &+ (sum << shift | sum >> (32 - shift)))
    }
    state[0] &+= a
    state[1] &+= b
    state[2] &+= c
    state[3] &+= d
  }
}
