/// How far a comparison has come: enough to go on after a crash without comparing anything twice.
public struct ComparisonProgress: Sendable, Codable, Equatable {
  /// Which keys have been compared, by prefix.
  private var done: [[UInt8]: KeyIntervals] = [:]
  /// What was counted among them.
  public var tally = ComparisonTally()
  /// How many bytes of the list of findings belong to them.
  public var findingsLength: Int64 = 0

  /// Nothing is compared yet.
  public init() {}

  /// Which keys with a prefix have been compared.
  public func intervals(of prefix: [UInt8]) -> KeyIntervals { done[prefix] ?? KeyIntervals() }

  /// Notes that more keys with a prefix have been compared.
  public mutating func add(_ interval: KeyIntervals.Interval, of prefix: [UInt8]) {
    done[prefix, default: KeyIntervals()].add(interval)
  }

  /// The parts of the prefixes that have not been compared.
  public func rest(of prefixes: [[UInt8]]) -> [KeyRange] {
    prefixes.flatMap { prefix in
      intervals(of: prefix).gaps.map {
        KeyRange(prefix: prefix, after: $0.after, upTo: $0.upTo)
      }
    }
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    tally = try container.decode(ComparisonTally.self, forKey: .tally)
    findingsLength = try container.decode(Int64.self, forKey: .findingsLength)
    for (text, pairs) in try container.decode([String: [[String]]].self, forKey: .done) {
      guard let prefix = KeyEncoding.decode(Array(text.utf8)) else { continue }
      for pair in pairs where pair.count == 2 {
        add(.init(after: Self.key(pair[0]), upTo: Self.key(pair[1])), of: prefix)
      }
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(tally, forKey: .tally)
    try container.encode(findingsLength, forKey: .findingsLength)
    let pairs = done.map { prefix, intervals in
      let texts = intervals.intervals.map { [Self.text($0.after), Self.text($0.upTo)] }
      return (KeyEncoding.encode(prefix), texts)
    }
    try container.encode(
      Dictionary(pairs, uniquingKeysWith: { first, _ in first }), forKey: .done)
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
