/// An element of an XML answer: its name without prefix, its text, its children in order.
public struct XMLElement: Sendable {
  /// The local name.
  public let name: String
  /// The text directly inside, white space included.
  public internal(set) var text: String
  /// The child elements.
  public internal(set) var children: [XMLElement]

  /// Creates an element.
  public init(name: String, text: String = "", children: [XMLElement] = []) {
    self.name = name
    self.text = text
    self.children = children
  }

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

extension XMLElement {
  /// The element as a document, for the body of a request.
  ///
  /// - Parameter namespace: the namespace that the service's model gives its requests.
  func document(namespace: String) -> [UInt8] {
    Array("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\(written(" xmlns=\"\(namespace)\""))".utf8)
  }

  private func written(_ attributes: String = "") -> String {
    let inside = children.isEmpty ? Self.escaped(text) : children.map { $0.written() }.joined()
    return "<\(name)\(attributes)>\(inside)</\(name)>"
  }

  private static func escaped(_ text: String) -> String {
    text.map { character in
      switch character {
      case "&": "&amp;"
      case "<": "&lt;"
      case ">": "&gt;"
      case "\"": "&quot;"
      case "\r": "&#xD;"
      default: String(character)
      }
    }.joined()
  }
}
