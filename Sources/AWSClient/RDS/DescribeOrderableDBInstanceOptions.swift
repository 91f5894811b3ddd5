/// A class of instance that a region offers for an engine version.
public struct OrderableOption: Sendable, Equatable {
  /// The class: `db.r6g.large`.
  public let instanceClass: String
  /// The engine's version.
  public let engineVersion: String
  /// The storage type.
  public let storageType: String?
  /// The zones that offer it.
  public let zones: [String]
  /// Whether it can have a standby.
  public let isMultiAZCapable: Bool
}

/// `rds:DescribeOrderableDBInstanceOptions` for one class and engine version.
public struct DescribeOrderableDBInstanceOptions: QueryRequest {
  public static let service = AWSService.rds
  public static let action = "DescribeOrderableDBInstanceOptions"
  public static let effect = RequestEffect.reads

  private let engine: String
  private let version: String?
  private let instanceClass: String

  /// Creates the request.
  public init(engine: String, version: String?, instanceClass: String) {
    self.engine = engine
    self.version = version
    self.instanceClass = instanceClass
  }

  public var parameters: QueryParameters {
    var parameters = QueryParameters()
    parameters.set("Engine", engine)
    parameters.set("EngineVersion", version)
    parameters.set("DBInstanceClass", instanceClass)
    return parameters
  }

  public static func answer(from result: XMLElement) throws -> [OrderableOption] {
    result.list("OrderableDBInstanceOptions").map { option in
      OrderableOption(
        instanceClass: option.string("DBInstanceClass") ?? "",
        engineVersion: option.string("EngineVersion") ?? "",
        storageType: option.string("StorageType"),
        zones: option.list("AvailabilityZones").compactMap { $0.string("Name") },
        isMultiAZCapable: option.flag("MultiAZCapable") ?? false)
    }
  }
}
