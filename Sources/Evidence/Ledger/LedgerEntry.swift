import Cryptography
public import Platform
public import StrictJSON

/// One line of a ledger.
public struct LedgerEntry: Sendable, Equatable {
  /// The largest line; tiles of C2SP hold less than 64 KiB, and nothing here needs more.
  static let maximumSize = 8 << 10

  /// What an entry says happened.
  public enum Kind: String, Sendable, CaseIterable {
    case genesis = "ledger.genesis"
    case runStarted = "run.started"
    case runFinished = "run.finished"
    case keyRotated = "key.rotated"
    /// A timer asked for a drill, and it did not begin.
    case drillRefused = "drill.refused"
  }

  /// What is to be appended; the ledger adds its place and the clocks.
  public struct Draft: Sendable {
    let kind: Kind
    let content: JSONObject

    /// Creates a draft.
    public init(_ kind: Kind, _ content: JSONObject) {
      self.kind = kind
      self.content = content
    }
  }

  /// The exact bytes of the line, without its end.
  public let line: [UInt8]
  /// The line, read.
  public let json: JSONValue
  /// What happened.
  public let kind: Kind
  /// Its place: 0, 1, 2 …
  public let index: Int
  /// When it was appended, by the wall clock.
  public let at: Timestamp

  /// The run it is about; nil for entries about the ledger.
  public var run: String? { json["run"]?.stringValue }

  init(
    _ draft: Draft, index: Int, at: ClockReading, by writer: ProcessIdentity
  ) throws {
    var content = draft.content
    content["v"] = 1
    content["seq"] = .integer(Int64(index))
    content["type"] = .string(draft.kind.rawValue)
    content["at"] = .string(at.wall.description)
    content["host"] = .string(writer.host)
    content["boot"] = .string(writer.boot)
    content["mono_ms"] = .integer(at.sinceBoot / 1_000_000)
    let line = try JSONValue.object(content).canonicalBytes()
    guard line.count <= Self.maximumSize else { throw LedgerFault.tooLong(line.count) }
    guard let entry = LedgerEntry(line, at: index) else { throw LedgerFault.badLine(index + 1) }
    self = entry
  }

  /// Reads a line; nil when it is not canonical, of a later version, or belongs elsewhere.
  init?(_ line: [UInt8], at index: Int) {
    let limits = JSONLimits(size: Self.maximumSize, depth: 16)
    guard let json = try? JSONValue(parsing: line, limits: limits),
      (try? json.canonicalBytes()) == line, json["v"] == 1,
      json["seq"] == .integer(Int64(index)),
      let kind = json["type"]?.stringValue.flatMap(Kind.init(rawValue:)),
      let at = json["at"]?.stringValue.flatMap({ Timestamp($0) })
    else { return nil }
    self.line = line
    self.json = json
    self.kind = kind
    self.index = index
    self.at = at
  }
}
