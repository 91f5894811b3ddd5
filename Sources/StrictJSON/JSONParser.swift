public import Platform

/// How much JSON is accepted.
public struct JSONLimits: Sendable {
  /// The largest text in bytes.
  public let size: Int
  /// How deep arrays and objects may be nested.
  public let depth: Int

  /// Creates limits.
  public init(size: Int, depth: Int) {
    self.size = size
    self.depth = depth
  }

  /// 64 MiB and 64 levels.
  public static let standard = JSONLimits(size: 64 << 20, depth: 64)
}

/// Bytes that are not the JSON this program accepts.
public struct JSONParseError: ExplainedError, Equatable {
  /// Where: the number of bytes before the fault.
  public let offset: Int
  /// What is wrong there.
  public let problem: String

  public var summary: String { "cannot read JSON" }
  public var subject: String? { "byte \(offset)" }
  public var reason: String { problem }
  public var remedy: String { "Check that the file is complete and was not edited." }
}

extension JSONValue {
  /// Reads exactly one JSON text (RFC 8259), strictly: valid UTF-8, no duplicate keys, nothing
  /// after it, whole numbers within `Int64`.
  public init(
    parsing bytes: [UInt8], limits: JSONLimits = .standard
  ) throws(JSONParseError) {
    var parser = JSONParser(bytes: bytes, limits: limits)
    self = try parser.parse()
  }
}

struct JSONParser {
  private let bytes: [UInt8]
  private let limits: JSONLimits
  private var offset = 0
  private var depth = 0

  init(bytes: [UInt8], limits: JSONLimits) {
    self.bytes = bytes
    self.limits = limits
  }

  mutating func parse() throws(JSONParseError) -> JSONValue {
    guard bytes.count <= limits.size else { throw fault("larger than \(limits.size) bytes") }
    let value = try value()
    skipSpace()
    guard offset == bytes.count else { throw fault("something follows the value") }
    return value
  }

  private func fault(_ problem: String) -> JSONParseError {
    JSONParseError(offset: offset, problem: problem)
  }

  private var current: UInt8? { offset < bytes.count ? bytes[offset] : nil }

  private mutating func skipSpace() {
    while let byte = current, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
      offset += 1
    }
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard current == byte else { return false }
    offset += 1
    return true
  }

  private mutating func value() throws(JSONParseError) -> JSONValue {
    skipSpace()
    switch current {
    case UInt8(ascii: "{"):
      return .object(try nested { (parser) throws(JSONParseError) in try parser.object() })
    case UInt8(ascii: "["):
      return .array(try nested { (parser) throws(JSONParseError) in try parser.array() })
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    case UInt8(ascii: "-"), .some(0x30...0x39): return try number()
    case nil: throw fault("the text ends where a value is expected")
    default: throw fault("no value starts with this character")
    }
  }

  private mutating func nested<Value>(
    _ read: (inout JSONParser) throws(JSONParseError) -> Value
  ) throws(JSONParseError) -> Value {
    depth += 1
    guard depth <= limits.depth else { throw fault("nested deeper than \(limits.depth) levels") }
    offset += 1
    let value = try read(&self)
    depth -= 1
    return value
  }

  private mutating func object() throws(JSONParseError) -> JSONObject {
    var object = JSONObject()
    skipSpace()
    if take(UInt8(ascii: "}")) { return object }
    while true {
      skipSpace()
      guard current == UInt8(ascii: "\"") else { throw fault("a key is expected") }
      let start = offset
      let key = try string()
      guard object[key] == nil else {
        offset = start
        throw fault("the key '\(key)' stands here a second time")
      }
      skipSpace()
      guard take(UInt8(ascii: ":")) else { throw fault("':' is expected") }
      object[key] = try value()
      skipSpace()
      if take(UInt8(ascii: "}")) { return object }
      guard take(UInt8(ascii: ",")) else { throw fault("',' or '}' is expected") }
    }
  }

  private mutating func array() throws(JSONParseError) -> [JSONValue] {
    var elements: [JSONValue] = []
    skipSpace()
    if take(UInt8(ascii: "]")) { return elements }
    while true {
      elements.append(try value())
      skipSpace()
      if take(UInt8(ascii: "]")) { return elements }
      guard take(UInt8(ascii: ",")) else { throw fault("',' or ']' is expected") }
    }
  }

  private mutating func word(_ text: String, _ value: JSONValue) throws(JSONParseError) -> JSONValue
  {
    guard bytes[offset...].starts(with: text.utf8) else { throw fault("'\(text)' is expected") }
    offset += text.utf8.count
    return value
  }

  private mutating func number() throws(JSONParseError) -> JSONValue {
    let start = offset
    _ = take(UInt8(ascii: "-"))
    let leading = offset
    guard digits() else { throw fault("a digit is expected") }
    if bytes[leading] == 0x30, offset > leading + 1 {
      offset = leading
      throw fault("a number may not start with a zero")
    }
    var isWhole = true
    if take(UInt8(ascii: ".")) {
      isWhole = false
      guard digits() else { throw fault("a digit is expected after the point") }
    }
    if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
      isWhole = false
      if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
      guard digits() else { throw fault("a digit is expected in the exponent") }
    }
    let text = String(decoding: bytes[start..<offset], as: UTF8.self)
    guard isWhole else { return .decimal(text) }
    guard let number = Int64(text) else {
      offset = start
      throw fault("the number does not fit 64 bits")
    }
    return .integer(number)
  }

  private mutating func digits() -> Bool {
    let start = offset
    while let byte = current, (0x30...0x39).contains(byte) { offset += 1 }
    return offset > start
  }

  private mutating func string() throws(JSONParseError) -> String {
    offset += 1
    var content: [UInt8] = []
    let start = offset
    while let byte = current {
      switch byte {
      case UInt8(ascii: "\""):
        guard let text = String(validating: content, as: UTF8.self) else {
          offset = start
          throw fault("the text is not valid UTF-8")
        }
        offset += 1
        return text
      case UInt8(ascii: "\\"): try escape(into: &content)
      case 0..<0x20: throw fault("a control character must be escaped")
      default:
        content.append(byte)
        offset += 1
      }
    }
    throw fault("the text ends inside a string")
  }

  private mutating func escape(into content: inout [UInt8]) throws(JSONParseError) {
    offset += 1
    guard let byte = current else { throw fault("the text ends inside an escape") }
    offset += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): content.append(byte)
    case UInt8(ascii: "b"): content.append(0x08)
    case UInt8(ascii: "f"): content.append(0x0C)
    case UInt8(ascii: "n"): content.append(0x0A)
    case UInt8(ascii: "r"): content.append(0x0D)
    case UInt8(ascii: "t"): content.append(0x09)
    case UInt8(ascii: "u"): content += Array(Character(try unicodeEscape()).utf8)
    default:
      offset -= 1
      throw fault("there is no such escape")
    }
  }

  private mutating func unicodeEscape() throws(JSONParseError) -> Unicode.Scalar {
    let first = try hexadecimal()
    if let scalar = Unicode.Scalar(first) { return scalar }
    guard first < 0xDC00, take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) else {
      throw fault("half of a surrogate pair stands alone")
    }
    let second = try hexadecimal()
    guard (0xDC00...0xDFFF).contains(second),
      let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
    else { throw fault("half of a surrogate pair stands alone") }
    return scalar
  }

  private mutating func hexadecimal() throws(JSONParseError) -> UInt32 {
    var number: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = current, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
        throw fault("four hexadecimal digits are expected")
      }
      number = number << 4 | UInt32(digit)
      offset += 1
    }
    return number
  }
}
