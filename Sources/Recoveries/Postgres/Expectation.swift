import Platform

/// What a value read from a database is held against: `>= 1000`, `== 15`, `!= x`, or just a value.
struct Expectation: Sendable, Equatable, CustomStringConvertible {
  private enum Comparison: String, CaseIterable {
    case atLeast = ">="
    case atMost = "<="
    case equal = "=="
    case different = "!="
    case more = ">"
    case less = "<"
  }

  private let comparison: Comparison
  private let value: String
  let description: String

  /// Nil when no value could ever meet it: nothing to compare with, or an order asked of no number.
  init?(_ text: String) {
    let trimmed = text.trimmingWhitespace()
    let found = Comparison.allCases.first { trimmed.hasPrefix($0.rawValue) }
    comparison = found ?? .equal
    value = trimmed.dropFirst(found?.rawValue.count ?? 0).trimmingWhitespace()
    description = trimmed
    guard !value.isEmpty, !value.utf8.contains(0) else { return nil }
    let isOrder = ![.equal, .different].contains(comparison)
    if isOrder, Decimal(value) == nil { return nil }
  }

  /// Stands in while the schema is recorded.
  init(samples value: String) {
    comparison = .equal
    self.value = value
    description = value
  }

  /// NULL satisfies nothing.
  func isSatisfied(by found: String?) -> Bool {
    guard let found else { return false }
    let order = Decimal(found).flatMap { left in Decimal(value).map { left.order(to: $0) } }
    switch comparison {
    case .equal: return order.map { $0 == 0 } ?? isSame(found)
    case .different: return order.map { $0 != 0 } ?? !isSame(found)
    case .atLeast: return order.map { $0 >= 0 } ?? false
    case .atMost: return order.map { $0 <= 0 } ?? false
    case .more: return order.map { $0 > 0 } ?? false
    case .less: return order.map { $0 < 0 } ?? false
    }
  }
}

extension Expectation {
  /// PostgreSQL writes a truth value as `t` or `f`; a plan may say `true` or `false`.
  private func isSame(_ found: String) -> Bool {
    switch (value, found) {
    case ("true", "t"), ("false", "f"): true
    default: found == value
    }
  }
}

/// A decimal number of any length, compared exactly.
private struct Decimal {
  private let isNegative: Bool
  private let whole: String
  private let fraction: String

  init?(_ text: String) {
    var rest = Substring(text)
    isNegative = rest.first == "-"
    if isNegative || rest.first == "+" { rest = rest.dropFirst() }
    let parts = rest.split(separator: ".", omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count),
      parts.allSatisfy({ !$0.isEmpty && $0.allSatisfy { $0.isASCII && $0.isNumber } })
    else { return nil }
    whole = String(parts[0].drop { $0 == "0" })
    var digits = parts.count == 2 ? parts[1] : ""
    while digits.last == "0" { digits = digits.dropLast() }
    fraction = String(digits)
  }

  func order(to other: Decimal) -> Int {
    let isZero = whole.isEmpty && fraction.isEmpty
    let otherIsZero = other.whole.isEmpty && other.fraction.isEmpty
    if isZero && otherIsZero { return 0 }
    let sign = isNegative && !isZero
    let otherSign = other.isNegative && !otherIsZero
    if sign != otherSign { return sign ? -1 : 1 }
    return sign ? -magnitudeOrder(to: other) : magnitudeOrder(to: other)
  }

  private func magnitudeOrder(to other: Decimal) -> Int {
    if whole.count != other.whole.count { return whole.count < other.whole.count ? -1 : 1 }
    if whole != other.whole { return whole < other.whole ? -1 : 1 }
    return fraction == other.fraction ? 0 : fraction < other.fraction ? -1 : 1
  }
}
