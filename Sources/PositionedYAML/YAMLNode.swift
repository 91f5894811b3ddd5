/// A place in a text, counted from 1. A column is a Unicode scalar, as editors count.
public struct SourcePosition: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// The line, counted from 1.
  public let line: Int
  /// The column, counted from 1.
  public let column: Int

  /// Creates a position.
  public init(line: Int, column: Int) {
    self.line = line
    self.column = column
  }

  /// The first character of a text.
  public static let start = SourcePosition(line: 1, column: 1)

  public static func < (left: SourcePosition, right: SourcePosition) -> Bool {
    (left.line, left.column) < (right.line, right.column)
  }

  /// `line:column`.
  public var description: String { "\(line):\(column)" }
}

/// A value in a YAML document and where it stands.
public struct YAMLNode: Sendable, Equatable {
  /// What a node is.
  public enum Kind: Sendable, Equatable {
    /// A text as written; what type it stands for is for the reader to say.
    case scalar(String, ScalarStyle)
    /// A list.
    case sequence([YAMLNode])
    /// Keys and values in the order of the file; no key stands there twice.
    case mapping([YAMLEntry])
  }

  /// How a scalar is written.
  public enum ScalarStyle: Sendable, Equatable {
    /// Without quotes, so that `5` may be a number and `true` a truth value.
    case plain
    /// In quotes or as a block: always a text.
    case quoted
  }

  /// What the node is.
  public let kind: Kind
  /// Where it begins. A node that an alias stands for keeps the place where it is written.
  public let position: SourcePosition

  /// Creates a node.
  public init(_ kind: Kind, at position: SourcePosition) {
    self.kind = kind
    self.position = position
  }
}

/// A key and its value in a mapping.
public struct YAMLEntry: Sendable, Equatable {
  /// The key's text.
  public let key: String
  /// Where the key stands.
  public let keyPosition: SourcePosition
  /// The value.
  public let value: YAMLNode
}

extension YAMLNode {
  /// The text of a scalar; nil for anything else.
  public var text: String? { if case .scalar(let text, _) = kind { text } else { nil } }

  /// The text of a scalar that YAML takes for a text; nil for anything else, and for a plain scalar
  /// that the core schema takes for a number, a truth value or nothing (YAML 1.2.2, section 10.3.2).
  public var string: String? {
    guard case .scalar(let text, let style) = kind else { return nil }
    return style == .plain && (isNull || isPlainBoolean(text) || isPlainNumber(text)) ? nil : text
  }

  /// The elements of a list; nil for anything else.
  public var elements: [YAMLNode]? { if case .sequence(let items) = kind { items } else { nil } }

  /// The entries of a mapping; nil for anything else.
  public var entries: [YAMLEntry]? { if case .mapping(let all) = kind { all } else { nil } }

  /// The value of a key of a mapping; nil when there is none.
  public subscript(key: String) -> YAMLNode? { entries?.first { $0.key == key }?.value }

  /// Whether the node says that there is no value: nothing at all, `~` or `null`
  /// (YAML 1.2.2, section 10.3.2).
  public var isNull: Bool {
    guard case .scalar(let text, .plain) = kind else { return false }
    return ["", "~", "null", "Null", "NULL"].contains(text)
  }
}

private func isPlainBoolean(_ text: String) -> Bool {
  ["true", "True", "TRUE", "false", "False", "FALSE"].contains(text)
}

private func isPlainNumber(_ text: String) -> Bool {
  guard let first = text.utf8.first, first < 0x3A else { return false }
  return Double(text) != nil && text.utf8.allSatisfy { $0 < 0x80 }
}
