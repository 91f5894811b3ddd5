/// The parameters of a Query-protocol request, in the order they were added.
///
/// Kept structured, so that the wire form, the AWS CLI command and the request's digest all come
/// from the same value.
public struct QueryParameters: Sendable, Equatable {
  /// A parameter's value.
  public enum Value: Sendable, Equatable {
    /// A single value, already as text.
    case scalar(String)
    /// A truth value; the AWS CLI writes it as a flag.
    case flag(Bool)
    /// A list, with the name that the service's model gives its members.
    case list([String], member: String)
    /// Resource tags, sorted by key.
    case tags([String: String])
  }

  /// The parameters.
  public private(set) var entries: [(name: String, value: Value)] = []

  /// Creates an empty set.
  public init() {}

  /// Adds a text parameter; nil adds nothing.
  public mutating func set(_ name: String, _ value: String?) {
    if let value { entries.append((name, .scalar(value))) }
  }

  /// Adds a number; nil adds nothing.
  public mutating func set(_ name: String, _ value: Int?) {
    if let value { entries.append((name, .scalar(String(value)))) }
  }

  /// Adds a truth value; nil adds nothing.
  public mutating func set(_ name: String, _ value: Bool?) {
    if let value { entries.append((name, .flag(value))) }
  }

  /// Adds a list; an empty one adds nothing.
  public mutating func set(_ name: String, _ values: [String], member: String) {
    if !values.isEmpty { entries.append((name, .list(values, member: member))) }
  }

  /// Adds resource tags; an empty set adds nothing.
  public mutating func setTags(_ tags: [String: String]) {
    if !tags.isEmpty { entries.append(("Tags", .tags(tags))) }
  }

  /// The flat names and values of the wire, as `Tags.Tag.1.Key`.
  public var flattened: [(name: String, value: String)] {
    entries.flatMap { name, value -> [(name: String, value: String)] in
      switch value {
      case .scalar(let text): return [(name, text)]
      case .flag(let flag): return [(name, flag ? "true" : "false")]
      case .list(let values, let member):
        return values.enumerated().map { ("\(name).\(member).\($0 + 1)", $1) }
      case .tags(let tags):
        return tags.sorted { $0.key < $1.key }.enumerated().flatMap { index, tag in
          [
            ("\(name).Tag.\(index + 1).Key", tag.key),
            ("\(name).Tag.\(index + 1).Value", tag.value),
          ]
        }
      }
    }
  }

  /// The body of a POST: `application/x-www-form-urlencoded`.
  func formBody(action: String, version: String) -> [UInt8] {
    let head = [(name: "Action", value: action), (name: "Version", value: version)]
    let pairs = (head + flattened).map {
      "\(PercentEncoding.encode($0.name))=\(PercentEncoding.encode($0.value))"
    }
    return Array(pairs.joined(separator: "&").utf8)
  }

  public static func == (left: QueryParameters, right: QueryParameters) -> Bool {
    left.entries.elementsEqual(right.entries) { $0.name == $1.name && $0.value == $1.value }
  }
}
