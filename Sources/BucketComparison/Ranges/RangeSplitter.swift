/// Finds a key that divides what is left of a range, by asking the bucket for single keys.
///
/// Nothing is assumed of how keys are spread: the first character in which the keys that are left
/// differ is looked for, and the range divided between its values. A bad division costs time, never
/// correctness.
struct RangeSplitter: Sendable {
  /// How many single keys are asked for at most.
  static let maximumProbes = 48
  /// Behind every key that begins with what stands before it.
  private static let last: [UInt8] = [0xF4, 0x8F, 0xBF, 0xBF]

  /// The first key behind another, within the range; nil when there is none.
  let probe: @Sendable (_ after: [UInt8]) async throws -> [UInt8]?

  /// A key behind `seen` with keys on both sides; nil when none was found.
  func division(of range: KeyRange, behind seen: [UInt8]) async throws -> [UInt8]? {
    var stem =
      range.upTo.map { KeyOrder.commonPrefix(seen, $0) }
      ?? KeyOrder.commonPrefix(seen, range.prefix)
    // Half a character is no text that could be asked for.
    while let byte = stem.last, byte >= 0x80 { stem.removeLast() }
    var probes = 0
    while stem.count < seen.count, probes < Self.maximumProbes {
      let own = Self.character(of: seen, at: stem.count)
      probes += 1
      // Is there anything behind all keys that go on as the last one seen?
      guard let other = try await probe(stem + own + Self.last), other.starts(with: stem),
        other.count > stem.count
      else {
        stem += own
        continue
      }
      guard own.count == 1, other[stem.count] < 0x7F, other[stem.count] > own[0] else {
        return stem + own + Self.last
      }
      return try await middle(stem, own: own[0], above: other[stem.count], &probes)
    }
    return nil
  }

  private static func character(of key: [UInt8], at index: Int) -> [UInt8] {
    var end = index + 1
    while end < key.count, key[end] & 0xC0 == 0x80 { end += 1 }
    return Array(key[index..<end])
  }

  /// Divides the values of the first differing character, of which `above` is the next one in use.
  private func middle(
    _ stem: [UInt8], own: UInt8, above: UInt8, _ probes: inout Int
  ) async throws -> [UInt8] {
    var highest = above
    var bound: UInt8 = 0x7E
    // Narrows down the highest value in use; whatever is not ASCII stays in the upper part.
    while highest < bound, highest < 0x7F, probes < Self.maximumProbes {
      let middle = highest + (bound - highest + 1) / 2
      probes += 1
      if let key = try await probe(stem + [middle - 1] + Self.last), key.starts(with: stem),
        key.count > stem.count
      {
        highest = key[stem.count]
      } else {
        bound = middle - 1
      }
    }
    let top = min(highest, 0x7E)
    let divider = top > own ? own + (top - own) / 2 : own
    return stem + [divider] + Self.last
  }
}
