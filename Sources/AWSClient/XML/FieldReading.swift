import Platform

/// Typed access to the fields of an answer. The wire has everything as text.
extension XMLElement {
  /// - Throws: `Problem` naming the field and the call when it is absent.
  func required(_ name: String, of action: String) throws(Problem) -> String {
    guard let value = string(name) else {
      throw Problem(
        "cannot read the answer to \(action)", on: name,
        because: "the field that the API promises is missing",
        fix: "Check that the endpoint is the AWS service.")
    }
    return value
  }

  func flag(_ name: String) -> Bool? { string(name).map { $0 == "true" } }

  func integer(_ name: String) -> Int? { string(name).flatMap { Int($0) } }

  func moment(_ name: String) -> Timestamp? { string(name).flatMap { Timestamp($0) } }

  /// The tags under `name`: `<TagList><Tag><Key/><Value/></Tag></TagList>`.
  func tags(_ name: String) -> [String: String] {
    Dictionary(
      list(name).compactMap { tag in
        tag.string("Key").map { ($0, tag.string("Value") ?? "") }
      }, uniquingKeysWith: { first, _ in first })
  }
}
