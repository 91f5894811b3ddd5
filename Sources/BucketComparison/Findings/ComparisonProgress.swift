/// How far a comparison has come: enough to go on after a crash without comparing anything twice.
public struct ComparisonProgress: Sendable, Codable, Equatable {
  /// Which keys have been compared, by prefix.
  public private(set) var done: [String: [[String]]] = [:]
  /// What was counted among them.
  public var tally = ComparisonTally()
  /// How many bytes of the list of findings belong to them.
  public var findingsLength: Int64 = 0

  /// Nothing is compared yet.
  public init() {}

  /// Which keys with a prefix have been compared.
  public func intervals(of prefix: [UInt8]) -> KeyIntervals {
    var intervals = KeyIntervals()
    for pair in done[KeyEncoding.encode(prefix)] ?? [] where pair.count == 2 {
      intervals.add(.init(after: Self.key(pair[0]), upTo: Self.key(pair[1])))
    }
    return intervals
  }

  /// Notes that more keys with a prefix have been compared.
  public mutating func add(_ interval: KeyIntervals.Interval, of prefix: [UInt8]) {
    var intervals = intervals(of: prefix)
    intervals.add(interval)
    done[KeyEncoding.encode(prefix)] = intervals.intervals.map {
      [Self.text($0.after), Self.text($0.upTo)]
    }
  }

  /// The parts of the prefixes that have not been compared.
  public func rest(of prefixes: [[UInt8]]) -> [KeyRange] {
    prefixes.flatMap { prefix in
      intervals(of: prefix).gaps.map {
        KeyRange(prefix: prefix, after: $0.after, upTo: $0.upTo)
      }
    }
  }

  /// Keys are escaped, since they may hold any character; "*" is no escape, and stands for no bound.
  private static func text(_ key: [UInt8]?) -> String { key.map { KeyEncoding.encode($0) } ?? "*" }

  private static func key(_ text: String) -> [UInt8]? {
    text == "*" ? nil : KeyEncoding.decode(Array(text.utf8))
  }

  enum CodingKeys: String, CodingKey {
    case done, tally
    case findingsLength = "findings_length"
  }
}
