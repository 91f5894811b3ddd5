import Platform
public import PositionedYAML
public import StrictJSON

/// What the values of a field look like: how one is read, its JSON Schema, and a sample.
public struct FieldType<Value> {
  /// The JSON Schema of its values.
  public let schema: () -> JSONObject
  let sample: () -> Value
  /// Reads a value; nil when it reported what is wrong.
  public let read: (YAMLNode, DiagnosticSink) -> Value?

  /// Creates a type. `read` reports what is wrong and then returns nil.
  public init(
    schema: @escaping @autoclosure () -> JSONObject, sample: @escaping @autoclosure () -> Value,
    read: @escaping (YAMLNode, DiagnosticSink) -> Value?
  ) {
    self.schema = schema
    self.sample = sample
    self.read = read
  }

  /// A type whose values are written as one scalar.
  static func scalar(
    _ expectation: String, schema: @escaping @autoclosure () -> JSONObject,
    sample: @escaping @autoclosure () -> Value, example: String,
    parse: @escaping (String, _ isQuoted: Bool) -> Value?
  ) -> FieldType {
    value(expectation, schema: schema(), sample: sample(), example: example) { node in
      guard case .scalar(let text, let style) = node.kind else { return nil }
      return parse(text, style == .quoted)
    }
  }

  /// A type whose values one node stands for; `parse` gives nil when it does not.
  private static func value(
    _ expectation: String, schema: @escaping @autoclosure () -> JSONObject,
    sample: @escaping @autoclosure () -> Value, example: String,
    parse: @escaping (YAMLNode) -> Value?
  ) -> FieldType {
    FieldType(schema: schema(), sample: sample()) { node, sink in
      if let value = parse(node) { return value }
      sink.report(
        "\(node.shown) is not \(expectation)", at: node.position,
        fix: "Write, for example: \(example)")
      return nil
    }
  }
}

extension YAMLNode {
  /// The offending text, cut to a readable length.
  var shown: String {
    switch kind {
    case .scalar(let text, _): "'\(text.prefix(60))'"
    case .sequence: "a list"
    case .mapping: "a mapping"
    }
  }
}

extension FieldType where Value == String {
  /// A type whose values are those texts that a check accepts.
  private static func string(
    _ expectation: String, schema: @escaping @autoclosure () -> JSONObject, sample: String,
    example: String, where accepts: @escaping (String) -> Bool
  ) -> FieldType {
    value(expectation, schema: schema(), sample: sample, example: example) { node in
      node.string.flatMap { accepts($0) ? $0 : nil }
    }
  }

  /// Text of a bounded length.
  public static func text(upTo limit: Int = 1_000) -> FieldType {
    .string(
      "a text of 1 to \(limit) characters",
      schema: [
        "type": "string", "minLength": 1, "maxLength": .integer(Int64(limit)),
        "pattern": "^[^\\u0000-\\u001f\\u007f]*$",
      ],
      sample: "text", example: "some text"
    ) { (1...limit).contains($0.unicodeScalars.count) && !$0.hasControlCharacter }
  }

  /// Text that may stand on several lines, such as a statement.
  public static func lines(upTo limit: Int) -> FieldType {
    .string(
      "a text of 1 to \(limit) characters",
      schema: ["type": "string", "minLength": 1, "maxLength": .integer(Int64(limit))],
      sample: "text", example: "some text"
    ) { text in
      // A NUL would end the text early for every C library behind it.
      (1...limit).contains(text.unicodeScalars.count) && !text.utf8.contains(0)
    }
  }

  /// Text that a check accepts; `pattern` says the same to editors.
  public static func matching(
    _ expectation: String, pattern: String, example: String,
    where accepts: @escaping (String) -> Bool
  ) -> FieldType {
    .string(
      expectation, schema: ["type": "string", "pattern": .string(pattern)], sample: example,
      example: example
    ) { $0.utf8.count <= 300 && !$0.hasControlCharacter && accepts($0) }
  }

  /// A lower-case name: letters, digits and inner hyphens.
  public static func label(upTo limit: Int = 40) -> FieldType {
    .matching(
      "a name of lower-case letters, digits and hyphens (at most \(limit), a letter first)",
      pattern: "^[a-z]([a-z0-9-]{0,\(limit - 2)}[a-z0-9])?$", example: "core-db"
    ) { text in
      text.count <= limit && text.first?.isLetter == true && text.last != "-"
        && text.utf8.allSatisfy { $0.isLowercaseOrDigit || $0 == 0x2D }
    }
  }

  /// One of a few words.
  public static func choice(_ words: [String]) -> FieldType {
    .scalar(
      "one of \(words.joined(separator: ", "))",
      schema: ["enum": .array(words.map { .string($0) })], sample: words[0], example: words[0]
    ) { text, _ in words.contains(text) ? text : nil }
  }
}

extension String {
  /// Whether it holds a character that would break a line of a report or a request.
  var hasControlCharacter: Bool {
    unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x7F }
  }
}

extension FieldType where Value == Int {
  /// One of a few whole numbers.
  public static func integer(of choices: [Int]) -> FieldType {
    let words = choices.map { "\($0)" }
    return .scalar(
      "one of \(words.joined(separator: ", "))",
      schema: ["enum": .array(choices.map { .integer(Int64($0)) })], sample: choices[0],
      example: words[0]
    ) { text, isQuoted in isQuoted || !words.contains(text) ? nil : Int(text) }
  }

  /// A whole number within bounds.
  public static func integer(_ range: ClosedRange<Int>) -> FieldType {
    .scalar(
      "a whole number from \(range.lowerBound) to \(range.upperBound)",
      schema: [
        "type": "integer", "minimum": .integer(Int64(range.lowerBound)),
        "maximum": .integer(Int64(range.upperBound)),
      ],
      sample: range.lowerBound, example: "\(range.lowerBound)"
    ) { text, isQuoted in
      guard !isQuoted, text.utf8.count < 20, let number = Int(text), range.contains(number) else {
        return nil
      }
      return number
    }
  }
}

extension FieldType where Value == Bool {
  /// `true` or `false`.
  public static var boolean: FieldType {
    .scalar("true or false", schema: ["type": "boolean"], sample: false, example: "true") {
      text, isQuoted in
      isQuoted ? nil : text == "true" ? true : text == "false" ? false : nil
    }
  }
}

extension FieldType where Value == Duration {
  /// A length of time such as `90s`, `15m`, `1h30m`, `2d`; more than nothing, at most 30 days.
  public static var duration: FieldType {
    .scalar(
      "a length of time from 1ms to 30d",
      schema: ["type": "string", "pattern": .string(DurationText.pattern)], sample: .seconds(60),
      example: "90s, 15m, 1h30m or 2d"
    ) { text, _ in DurationText.parse(text) }
  }
}

/// The written form of a length of time.
enum DurationText {
  static let longest: Duration = .seconds(30 * 86_400)

  /// Largest unit first, each at most once, and not nothing at all.
  static let pattern =
    "^(?=.*[1-9])([0-9]{1,9}d)?([0-9]{1,9}h)?([0-9]{1,9}m)?([0-9]{1,9}s)?([0-9]{1,9}ms)?$"

  static func parse(_ text: String) -> Duration? {
    guard text.utf8.count <= 32 else { return nil }
    var total: Int64 = 0
    var rest = Substring(text)
    var largest = Int64.max
    while !rest.isEmpty {
      let digits = rest.prefix { $0.isASCII && $0.isNumber }
      guard (1...9).contains(digits.count), let number = Int64(digits) else { return nil }
      rest = rest.dropFirst(digits.count)
      let unit = rest.prefix { $0.isLetter }
      guard let milliseconds = units[String(unit)], milliseconds < largest else { return nil }
      largest = milliseconds
      total += number * milliseconds
      rest = rest.dropFirst(unit.count)
    }
    let duration = Duration.milliseconds(total)
    return total > 0 && duration <= longest ? duration : nil
  }

  private static let units: [String: Int64] = [
    "ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000,
  ]
}

extension FieldType where Value: PlanObject {
  /// A nested mapping.
  public static func object(_ type: Value.Type = Value.self) -> FieldType {
    FieldType(schema: ObjectSchema.of(type), sample: Value(from: FieldReader())) { node, sink in
      guard case .mapping(let entries) = node.kind else {
        sink.report(
          "\(node.shown) stands where a mapping is expected", at: node.position,
          fix: "Write keys and values, indented, on the lines below.")
        return nil
      }
      let reader = FieldReader(entries, at: node.position, sink: sink)
      let object = Value(from: reader)
      reader.finish()
      return object
    }
  }
}

extension FieldType {
  /// A list with a bounded number of elements.
  public static func list<Element>(
    of element: FieldType<Element>, _ count: ClosedRange<Int>
  ) -> FieldType where Value == [Element] {
    FieldType(
      schema: [
        "type": "array", "items": .object(element.schema()),
        "minItems": .integer(Int64(count.lowerBound)),
        "maxItems": .integer(Int64(count.upperBound)),
      ],
      sample: [element.sample()]
    ) { node, sink in
      guard case .sequence(let elements) = node.kind, count.contains(elements.count) else {
        sink.report(
          "\(node.shown) stands where a list of \(count.lowerBound) to \(count.upperBound) is expected",
          at: node.position, fix: "Write a list: [first, second].")
        return nil
      }
      return elements.compactMap { element.read($0, sink) }
    }
  }
}

/// The JSON Schema of a mapping, from what its initialiser asks for.
enum ObjectSchema {
  static func of(_ type: any PlanObject.Type) -> JSONObject {
    let recorder = FieldReader()
    _ = type.init(from: recorder)
    return of(recorder)
  }

  static func of(_ recorder: FieldReader) -> JSONObject {
    let records = recorder.records
    var properties = JSONObject()
    for record in records { properties[record.name] = .object(record.schema) }
    var schema: JSONObject = [
      "type": "object", "additionalProperties": false, "properties": .object(properties),
    ]
    let required = records.filter(\.isRequired).map { JSONValue.string($0.name) }
    if !required.isEmpty { schema["required"] = .array(required) }
    // A schema has each of these words once.
    let constraints = recorder.constraints.map { JSONValue.object([$0.name: .array($0.of)]) }
    switch recorder.constraints.count {
    case 0: break
    case 1: schema[recorder.constraints[0].name] = .array(recorder.constraints[0].of)
    default: schema["allOf"] = .array(constraints)
    }
    return schema
  }
}
