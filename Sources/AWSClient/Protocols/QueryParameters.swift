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
    /// Conditions on what is listed: names, and the values that are let through.
    case filters([Filter])
  }

  /// A condition on what is listed.
  public struct Filter: Sendable, Equatable {
    /// The filter's name.
    public let name: String
    /// The values that are let through.
    public let values: [String]

    /// Creates a filter.
    public init(_ name: String, _ values: [String]) {
      self.name = name
      self.values = values
    }
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

  /// Adds filters; none add nothing.
  public mutating func setFilters(_ filters: [Filter]) {
    if !filters.isEmpty { entries.append(("Filters", .filters(filters))) }
  }

  /// The flat names and values of the wire, as `Tags.Tag.1.Key`.
  public var flattened: [(name: String, value: String)] {
    entries.flatMap { name, value -> [(name: String, value: String)] in
      switch value {
      case .scalar(let text): [(name, text)]
      case .flag(let flag): [(name, flag ? "true" : "false")]
      case .list(let values, let member): Self.numbered(values, as: "\(name).\(member)")
      case .tags(let tags): Self.numbered(tags, as: "\(name).Tag")
      case .filters(let filters):
        Self.numbered(filters, as: "\(name).Filter", values: "Values.Value")
      }
    }
  }

  /// The same for EC2, as `Filter.1.Value.1`.
  var flattenedForEC2: [(name: String, value: String)] {
    entries.flatMap { name, value -> [(name: String, value: String)] in
      switch value {
      case .scalar(let text): [(name, text)]
      case .flag(let flag): [(name, flag ? "true" : "false")]
      case .list(let values, let member): Self.numbered(values, as: member)
      case .tags(let tags): Self.numbered(tags, as: "Tag")
      case .filters(let filters): Self.numbered(filters, as: "Filter", values: "Value")
      }
    }
  }

  /// The parameters as options of the AWS CLI.
  var commandOptions: [CommandOption] {
    entries.map { name, value in
      switch value {
      case .scalar(let text): CommandOption(name, .text(text))
      case .flag(let flag): CommandOption(name, .flag(flag))
      case .list(let values, _): Self.option(name, values)
      case .tags(let tags):
        CommandOption(
          name,
          .words(tags.sorted { $0.key < $1.key }.map { "Key=\($0.key),Value=\($0.value)" }))
      case .filters(let filters):
        CommandOption(
          name,
          .words(filters.map { "Name=\($0.name),Values=\($0.values.joined(separator: ","))" }))
      }
    }
  }

  /// A list inside a structure has the CLI's shorthand: `--structure Member=one,two`.
  private static func option(_ name: String, _ values: [String]) -> CommandOption {
    let parts = name.split(separator: ".", maxSplits: 1)
    guard parts.count == 2 else { return CommandOption(name, .words(values)) }
    return CommandOption(
      String(parts[0]), .text("\(parts[1])=\(values.joined(separator: ","))"))
  }

  private static func numbered(
    _ values: [String], as name: String
  ) -> [(name: String, value: String)] {
    values.enumerated().map { ("\(name).\($0 + 1)", $1) }
  }

  private static func numbered(
    _ tags: [String: String], as name: String
  ) -> [(name: String, value: String)] {
    tags.sorted { $0.key < $1.key }.enumerated().flatMap { index, tag in
      [("\(name).\(index + 1).Key", tag.key), ("\(name).\(index + 1).Value", tag.value)]
    }
  }

  private static func numbered(
    _ filters: [Filter], as name: String, values: String
  ) -> [(name: String, value: String)] {
    filters.enumerated().flatMap { index, filter in
      [("\(name).\(index + 1).Name", filter.name)]
        + numbered(filter.values, as: "\(name).\(index + 1).\(values)")
    }
  }

  public static func == (left: QueryParameters, right: QueryParameters) -> Bool {
    left.entries.elementsEqual(right.entries) { $0.name == $1.name && $0.value == $1.value }
  }
}
