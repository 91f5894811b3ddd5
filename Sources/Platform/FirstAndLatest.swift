/// The first and the latest of many things, oldest first: enough as evidence of a long wait, and bounded.
public struct FirstAndLatest<Element: Sendable>: Sendable {
  /// How many are kept from the start, and how many from the end.
  private let share: Int
  private var first: [Element] = []
  private var latest: [Element] = []
  /// How many there were.
  public private(set) var count = 0

  /// Starts empty; keeps at most twice `share`.
  public init(share: Int) { self.share = share }

  /// Those kept.
  public var kept: [Element] { first + latest }

  /// Adds one; of those in the middle the oldest goes.
  public mutating func append(_ element: Element) {
    count += 1
    if first.count < share {
      first.append(element)
    } else {
      latest.append(element)
      if latest.count > share { latest.removeFirst() }
    }
  }
}
