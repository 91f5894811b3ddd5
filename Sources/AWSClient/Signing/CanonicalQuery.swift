import Platform

/// A query as Signature Version 4 signs it: sorted by name, then by value, each encoded the one canonical
/// way.
enum CanonicalQuery {
  /// The canonical form of a query. One that is canonical already, as listings write theirs, is only looked at.
  static func of(_ query: String) -> String {
    let bytes = Array(query.utf8)
    return isCanonical(bytes) ? query : rewritten(bytes)
  }

  /// Whether ``rewritten(_:)`` would change nothing.
  static func isCanonical(_ query: [UInt8]) -> Bool {
    var previous: Pair?
    var start = 0
    while true {
      let equals = PercentEncoding.endOfCanonicalPart(of: query, from: start)
      guard equals < query.count, query[equals] == UInt8(ascii: "=") else { return false }
      let end = PercentEncoding.endOfCanonicalPart(of: query, from: equals + 1)
      let pair = Pair(name: start..<equals, value: (equals + 1)..<end)
      if let previous, pair.comes(before: previous, in: query) { return false }
      if end == query.count { return true }
      guard query[end] == UInt8(ascii: "&") else { return false }
      previous = pair
      start = end + 1
    }
  }

  /// Where a name and its value stand.
  private struct Pair {
    let name: Range<Int>
    let value: Range<Int>

    func comes(before other: Pair, in query: [UInt8]) -> Bool {
      let names = Self.order(name, other.name, in: query)
      return names == 0 ? Self.order(value, other.value, in: query) < 0 : names < 0
    }

    /// Negative when `left` comes first, 0 when they are the same text.
    private static func order(_ left: Range<Int>, _ right: Range<Int>, in query: [UInt8]) -> Int {
      for (left, right) in zip(left, right) where query[left] != query[right] {
        return query[left] < query[right] ? -1 : 1
      }
      return left.count - right.count
    }
  }

  /// Any query in canonical form.
  static func rewritten(_ query: [UInt8]) -> String {
    let pairs = query.split(separator: UInt8(ascii: "&")).map { pair in
      let equals = pair.firstIndex(of: UInt8(ascii: "=")) ?? pair.endIndex
      return (
        name: PercentEncoding.normalize(pair[..<equals]),
        value: PercentEncoding.normalize(pair[min(equals + 1, pair.endIndex)...])
      )
    }
    return pairs.sorted { ($0.name, $0.value) < ($1.name, $1.value) }
      .map { "\($0.name)=\($0.value)" }
      .joined(separator: "&")
  }
}
