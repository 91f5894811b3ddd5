public import Platform

/// A value that has no canonical form.
public enum JSONWriteError: ExplainedError, Equatable {
  /// A number with a fraction, or beyond ±(2^53 − 1).
  case inexactNumber(String)
  /// A key outside ASCII, whose order readers disagree about.
  case keyOutsideASCII(String)

  public var summary: String { "cannot write canonical JSON" }
  public var subject: String? {
    switch self {
    case .inexactNumber(let text), .keyOutsideASCII(let text): text
    }
  }
  public var reason: String {
    switch self {
    case .inexactNumber: "only whole numbers within ±(2^53 − 1) are read alike everywhere"
    case .keyOutsideASCII: "only ASCII keys sort alike everywhere"
    }
  }
  public var remedy: String { "This is a defect of this program: please report it." }
}

extension JSONValue {
  /// The one sequence of bytes that stands for this value: RFC 8785 (JCS), restricted to ASCII
  /// keys and whole numbers.
  public func canonicalBytes() throws(JSONWriteError) -> [UInt8] {
    var writer = JSONWriter(indentation: nil)
    try writer.write(self)
    return writer.bytes
  }

  /// The value over several lines, for people; members in canonical order, numbers as they are.
  public func prettyText() -> String {
    var writer = JSONWriter(indentation: 2)
    try? writer.write(self)
    return String(decoding: writer.bytes, as: UTF8.self)
  }
}

struct JSONWriter {
  private static let exactLimit: Int64 = 9_007_199_254_740_991
  private static let hex = Array("0123456789abcdef".utf8)

  private(set) var bytes: [UInt8] = []
  private let indentation: Int?
  private var depth = 0

  init(indentation: Int?) { self.indentation = indentation }

  private var isCanonical: Bool { indentation == nil }

  mutating func write(_ value: JSONValue) throws(JSONWriteError) {
    switch value {
    case .null: bytes += "null".utf8
    case .bool(let flag): bytes += (flag ? "true" : "false").utf8
    case .integer(let number):
      if isCanonical, number.magnitude > Self.exactLimit.magnitude {
        throw .inexactNumber(String(number))
      }
      bytes += String(number).utf8
    case .decimal(let text):
      if isCanonical { throw .inexactNumber(text) }
      bytes += text.utf8
    case .string(let text): write(text)
    case .array(let elements): try write(elements)
    case .object(let object): try write(object)
    }
  }

  private mutating func write(_ elements: [JSONValue]) throws(JSONWriteError) {
    bytes.append(UInt8(ascii: "["))
    depth += 1
    for (index, element) in elements.enumerated() {
      separate(index)
      try write(element)
    }
    depth -= 1
    close("]", isEmpty: elements.isEmpty)
  }

  private mutating func write(_ object: JSONObject) throws(JSONWriteError) {
    bytes.append(UInt8(ascii: "{"))
    depth += 1
    for (index, member) in object.members.enumerated() {
      if isCanonical, !member.key.utf8.allSatisfy({ $0 < 0x80 }) {
        throw .keyOutsideASCII(member.key)
      }
      separate(index)
      write(member.key)
      bytes.append(UInt8(ascii: ":"))
      if !isCanonical { bytes.append(UInt8(ascii: " ")) }
      try write(member.value)
    }
    depth -= 1
    close("}", isEmpty: object.members.isEmpty)
  }

  private mutating func separate(_ index: Int) {
    if index > 0 { bytes.append(UInt8(ascii: ",")) }
    newLine()
  }

  private mutating func close(_ bracket: String, isEmpty: Bool) {
    if !isEmpty { newLine() }
    bytes += bracket.utf8
  }

  private mutating func newLine() {
    guard let indentation else { return }
    bytes.append(UInt8(ascii: "\n"))
    bytes += [UInt8](repeating: UInt8(ascii: " "), count: depth * indentation)
  }

  /// RFC 8785 section 3.2.2.2: the short escapes where there are any, `\u00xx` for the rest.
  private mutating func write(_ text: String) {
    bytes.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""): bytes += "\\\"".utf8
      case UInt8(ascii: "\\"): bytes += "\\\\".utf8
      case 0x08: bytes += "\\b".utf8
      case 0x09: bytes += "\\t".utf8
      case 0x0A: bytes += "\\n".utf8
      case 0x0C: bytes += "\\f".utf8
      case 0x0D: bytes += "\\r".utf8
      case 0..<0x20:
        bytes += "\\u00".utf8
        bytes += [Self.hex[Int(byte >> 4)], Self.hex[Int(byte & 15)]]
      default: bytes.append(byte)
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }
}
