/// A sortable identifier of 128 bits: 48 bits of time in milliseconds, then 80 random bits,
/// written as 26 characters of Crockford's base 32 (https://github.com/ulid/spec).
public struct ULID: Sendable, Hashable, Comparable, CustomStringConvertible {
  private static let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ")

  /// The canonical text, in upper case.
  public let description: String

  /// Makes a new identifier.
  public init(at moment: Timestamp, random: some RandomSource) {
    let time = UInt64(clamping: moment.unixMilliseconds) & 0xFFFF_FFFF_FFFF
    let low = random.next()
    let high = (time << 16) | (random.next() & 0xFFFF)
    var digits: [Character] = []
    for position in stride(from: 125, through: 0, by: -5) {
      digits.append(Self.alphabet[Self.fiveBits(high: high, low: low, at: position)])
    }
    description = String(digits)
  }

  /// Reads an identifier in either case; nil when it is not one.
  public init?(_ text: String) {
    let canonical = text.uppercased()
    guard canonical.count == 26, canonical.allSatisfy(Self.alphabet.contains),
      let first = canonical.first, first <= "7"
    else { return nil }
    description = canonical
  }

  /// The last ten characters in lower case: random, and allowed in every AWS resource name.
  public var shortForm: String { String(description.suffix(10)).lowercased() }

  public static func < (left: ULID, right: ULID) -> Bool { left.description < right.description }

  private static func fiveBits(high: UInt64, low: UInt64, at position: Int) -> Int {
    let bits: UInt64
    switch position {
    case 64...: bits = high >> UInt64(position - 64)
    case 60...63: bits = (low >> UInt64(position)) | (high << UInt64(64 - position))
    default: bits = low >> UInt64(position)
    }
    return Int(bits & 31)
  }
}
