public import StrictJSON

/// All objects of a kind at one moment.
public struct ObjectList: Sendable {
  /// The objects.
  public let items: [JSONValue]
  /// The moment, as the server counts: a watch goes on from it.
  public let resourceVersion: String

  /// Creates a list.
  public init(items: [JSONValue], resourceVersion: String) {
    self.items = items
    self.resourceVersion = resourceVersion
  }
}

/// Which objects are meant.
public struct ObjectSelector: Sendable {
  /// A label selector: `velero.io/schedule-name=daily`.
  public let labels: String?
  /// A field selector: `metadata.name=daily`.
  public let fields: String?

  /// Creates a selector; without arguments every object is meant.
  public init(labels: String? = nil, fields: String? = nil) {
    self.labels = labels
    self.fields = fields
  }

  /// The one object of that name.
  public static func name(_ name: String) -> ObjectSelector {
    ObjectSelector(fields: "metadata.name=\(name)")
  }

  var query: [(name: String, value: String)] {
    [("labelSelector", labels), ("fieldSelector", fields)].compactMap { name, value in
      value.map { (name, $0) }
    }
  }
}
