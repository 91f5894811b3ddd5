public import Platform

/// Why a text is not a document that this program accepts.
public struct YAMLError: ExplainedError, Equatable {
  /// What is wrong.
  public enum Kind: Sendable, Equatable {
    /// Not YAML at all; in the parser's words.
    case malformed(String)
    /// The document has more bytes than allowed.
    case tooLarge(bytes: Int, limit: Int)
    /// Lists and mappings stand in each other too deeply.
    case tooDeep(limit: Int)
    /// The document has too many values, with those that aliases stand for.
    case tooManyNodes(limit: Int)
    /// A text is too long.
    case scalarTooLong(bytes: Int, limit: Int)
    /// A key stands twice in one mapping.
    case duplicateKey(String, first: SourcePosition)
    /// A key is a list or a mapping.
    case compositeKey
    /// An alias stands inside the value that it names.
    case recursiveAlias(String)
    /// An alias names no earlier anchor.
    case unknownAlias(String)
    /// A value has an explicit tag, which could make it something else than it looks like.
    case tag(String)
    /// A second document begins.
    case secondDocument
  }

  /// What is wrong.
  public let kind: Kind
  /// Where.
  public let position: SourcePosition

  public var summary: String { "cannot read the YAML" }
  public var subject: String? { position.description }

  public var reason: String {
    switch kind {
    case .malformed(let problem): problem
    case .tooLarge(let bytes, let limit): "the file has \(bytes) bytes; \(limit) are allowed"
    case .tooDeep(let limit): "values are nested more than \(limit) deep"
    case .tooManyNodes(let limit):
      "the file has more than \(limit) values, counting what each alias stands for"
    case .scalarTooLong(let bytes, let limit):
      "the text has \(bytes) bytes; \(limit) are allowed"
    case .duplicateKey(let key, let first):
      "the key \(Self.shown(key)) stands here a second time, first on line \(first.line), "
        + "column \(first.column)"
    case .compositeKey: "a key is a list or a mapping"
    case .recursiveAlias(let name): "the alias *\(Self.shown(name)) stands inside what it names"
    case .unknownAlias(let name): "the alias *\(Self.shown(name)) names no anchor before it"
    case .tag(let tag): "the tag \(Self.shown(tag)) is not allowed"
    case .secondDocument: "a second document begins in the same file"
    }
  }

  public var remedy: String {
    switch kind {
    case .malformed(let problem): Self.remedy(for: problem)
    case .tooLarge, .tooManyNodes: "Make the file smaller; split it if it describes several things."
    case .tooDeep: "Nest less deeply."
    case .scalarTooLong: "Shorten the text."
    case .duplicateKey: "Remove one of the two."
    case .compositeKey: "Use a plain text as the key."
    case .recursiveAlias: "Write the value out instead of the alias."
    case .unknownAlias:
      "Put quotes around the text if it is no alias, else define the anchor above."
    case .tag: "Remove the tag; put the value in quotes to make it a text."
    case .secondDocument: "Keep one document in a file; remove the line with ---."
    }
  }

  private static func remedy(for problem: String) -> String {
    if problem.contains("cannot start any token") {
      return "Indent with spaces, not tabs, and put quotes around a text that starts with a sign."
    }
    if problem.contains("block scalar") {
      return "Put quotes around a text that starts with > or |."
    }
    if problem.contains("octet") || problem.contains("control characters") {
      return "Save the file as UTF-8 without control characters."
    }
    return "Check the indentation and the quotes here and on the line before."
  }

  private static func shown(_ text: String) -> String {
    text.count > 60 ? text.prefix(60) + "…" : text
  }
}
