import PositionedYAML
public import StrictJSON

/// A part of a plan that is read from a mapping.
///
/// The one initialiser serves twice: it reads a file, and it is run once without a file to record
/// what the JSON Schema and the plan reference say. So the three cannot differ.
public protocol PlanObject: Sendable {
  /// Reads the fields.
  init(from fields: FieldReader)
}

/// Hands out the fields of one mapping, or records which fields are asked for.
public final class FieldReader {
  /// What was recorded of one field.
  public struct Record {
    /// The key.
    public let name: String
    /// The JSON Schema of its values, with the description.
    public let schema: JSONObject
    /// Whether it must be there.
    public let isRequired: Bool
  }

  private let entries: [YAMLEntry]
  private let position: SourcePosition
  private let sink: DiagnosticSink?
  private(set) var records: [Record] = []
  /// What the schema says beside the fields themselves.
  private(set) var constraints: [(name: String, of: [JSONValue])] = []

  /// Reads from a mapping.
  init(_ entries: [YAMLEntry], at position: SourcePosition, sink: DiagnosticSink) {
    self.entries = entries
    self.position = position
    self.sink = sink
  }

  /// Records only; every field has its type's sample as its value.
  init() {
    entries = []
    position = .start
    sink = nil
  }

  /// A field that must be there.
  public func required<Value>(
    _ name: String, _ type: FieldType<Value>, _ about: String
  ) -> Value {
    record(name, type, about, isRequired: true)
    guard let sink else { return type.sample() }
    guard let entry = entry(name) else {
      sink.report(
        "'\(name)' is missing", at: position, fix: "Add '\(name)': \(about.lowercasedFirst)")
      return type.sample()
    }
    return type.read(entry.value, sink) ?? type.sample()
  }

  /// A field that may be left out.
  public func optional<Value>(
    _ name: String, _ type: FieldType<Value>, _ about: String
  ) -> Value? {
    record(name, type, about, isRequired: false)
    guard let sink, let entry = entry(name) else { return nil }
    return type.read(entry.value, sink)
  }

  /// A field that may be left out and then has a value all the same.
  public func optional<Value>(
    _ name: String, _ type: FieldType<Value>, default value: Value, shownAs shown: JSONValue,
    _ about: String
  ) -> Value {
    record(name, type, about, isRequired: false, default: shown)
    guard let sink, let entry = entry(name) else { return value }
    return type.read(entry.value, sink) ?? value
  }

  /// Reports a mistake that concerns the field `name`, or the whole mapping when it is not there.
  public func report(_ message: String, in name: String, fix: String) {
    sink?.report(message, at: entry(name)?.value.position ?? position, fix: fix)
  }

  /// Reports something that is allowed, but hardly meant.
  func warn(_ message: String, in name: String, fix: String) {
    sink?.warn(message, at: entry(name)?.value.position ?? position, fix: fix)
  }

  /// Of these fields, which were asked for before, exactly one must be there.
  public func exactlyOne(of names: [String], _ what: String) {
    constraints.append(("oneOf", names.map { ["required": [.string($0)]] }))
    let there = names.compactMap(entry)
    guard sink != nil, there.count != 1 else { return }
    sink?.report(
      there.isEmpty ? "\(what) is missing" : "\(what) is given twice",
      at: there.last?.keyPosition ?? position,
      fix: "Give exactly one of: \(names.joined(separator: ", ")).")
  }

  /// Of these fields, which were asked for before, at least one must be there.
  public func atLeastOne(of names: [String], _ what: String) {
    constraints.append(("anyOf", names.map { ["required": [.string($0)]] }))
    guard sink != nil, names.allSatisfy({ entry($0) == nil }) else { return }
    sink?.report(
      "there is no \(what)", at: position, fix: "Add \(names.joined(separator: " or ")).")
  }

  /// Where the value of a field stands; nil when it is not there.
  func place(of name: String) -> SourcePosition? { entry(name)?.value.position }

  /// Reports every key that nobody asked for.
  func finish() {
    let known = records.map(\.name)
    for entry in entries where !known.contains(entry.key) {
      let near = Suggestion.nearest(to: entry.key, in: known)
      sink?.report(
        "unknown key '\(entry.key.prefix(60))'", at: entry.keyPosition,
        fix: near.map { "Write '\($0)'." }
          ?? "Known keys: \(known.sorted().joined(separator: ", ")).")
    }
  }

  private func entry(_ name: String) -> YAMLEntry? { entries.first { $0.key == name } }

  private func record<Value>(
    _ name: String, _ type: FieldType<Value>, _ about: String, isRequired: Bool,
    default value: JSONValue? = nil
  ) {
    guard sink == nil else {
      records.append(Record(name: name, schema: [:], isRequired: isRequired))
      return
    }
    var schema = type.schema()
    schema["description"] = .string(about)
    if let value { schema["default"] = value }
    records.append(Record(name: name, schema: schema, isRequired: isRequired))
  }
}

extension String {
  var lowercasedFirst: String { prefix(1).lowercased() + dropFirst() }
}

/// Finds what a writer most likely meant.
enum Suggestion {
  /// The known word at an edit distance of at most a third of the length; nil when none is near.
  static func nearest(to word: String, in known: [String]) -> String? {
    guard word.count <= 64 else { return nil }
    let scored = known.map { ($0, distance(Array(word.lowercased()), Array($0.lowercased()))) }
    guard let best = scored.min(by: { $0.1 < $1.1 }), best.1 <= max(1, word.count / 3) else {
      return nil
    }
    return best.0
  }

  private static func distance(_ left: [Character], _ right: [Character]) -> Int {
    var row = Array(0...right.count)
    for (i, a) in left.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for (j, b) in right.enumerated() {
        let above = row[j + 1]
        row[j + 1] = min(above + 1, row[j] + 1, diagonal + (a == b ? 0 : 1))
        diagonal = above
      }
    }
    return row[right.count]
  }
}
