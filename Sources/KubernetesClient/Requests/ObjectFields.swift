import Platform
public import StrictJSON

/// What every Kubernetes object has.
extension JSONValue {
  /// The value at a path of keys; nil when there is none.
  public func at(_ path: String...) -> JSONValue? {
    path.reduce(JSONValue?.some(self)) { value, key in value?[key] }
  }

  /// `metadata.name`
  public var objectName: String { at("metadata", "name")?.stringValue ?? "" }
  /// `metadata.namespace`; nil for objects that have none.
  public var objectNamespace: String? { at("metadata", "namespace")?.stringValue }
  /// `metadata.uid`
  public var objectUID: String { at("metadata", "uid")?.stringValue ?? "" }
  /// `metadata.resourceVersion`
  public var resourceVersion: String { at("metadata", "resourceVersion")?.stringValue ?? "" }
  /// Whether it is being deleted.
  public var isBeingDeleted: Bool { at("metadata", "deletionTimestamp")?.stringValue != nil }

  /// `metadata.annotations`
  public var annotations: [String: String] { texts("metadata", "annotations") }
  /// `metadata.labels`
  public var labels: [String: String] { texts("metadata", "labels") }

  /// The condition of that type in `status.conditions`; nil when there is none.
  public func condition(_ type: String) -> JSONValue? {
    at("status", "conditions")?.arrayValue?.first { $0["type"]?.stringValue == type }
  }

  /// The text, if it is one and not empty: Go writes a missing text as an empty one.
  public var nonEmptyText: String? { stringValue.flatMap { $0.isEmpty ? nil : $0 } }

  private func texts(_ path: String...) -> [String: String] {
    let members = path.reduce(JSONValue?.some(self)) { $0?[$1] }?.objectValue?.members ?? []
    return members.reduce(into: [:]) { $0[$1.key] = $1.value.stringValue }
  }
}
