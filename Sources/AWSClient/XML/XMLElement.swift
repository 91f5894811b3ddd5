/// An element of an XML answer: its name without prefix, its text, its children in order.
public struct XMLElement: Sendable {
  /// The local name.
  public let name: String
  /// The text directly inside, white space included.
  public internal(set) var text: String
  /// The child elements.
  public internal(set) var children: [XMLElement]

  /// The first child of that name.
  public func child(_ name: String) -> XMLElement? { children.first { $0.name == name } }

  /// The first descendant reached by going through the named children in turn.
  public func descendant(_ path: String...) -> XMLElement? {
    path.reduce(Optional(self)) { element, name in element?.child(name) }
  }

  /// The text of a child; nil when it is absent or empty.
  public func string(_ name: String) -> String? {
    child(name).flatMap { $0.text.isEmpty ? nil : $0.text }
  }

  /// The elements of a list: the children of the child `name`.
  public func list(_ name: String) -> [XMLElement] { child(name)?.children ?? [] }
}
