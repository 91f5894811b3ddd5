/// What a restore of an instance or of an Aurora cluster does not carry over and this program does not put
/// back: it is compared, and a person sees to it.
public struct DatabaseDetails: Sendable, Codable, Equatable {
  /// Provisioned operations a second.
  public let iops: Int?
  /// The throughput of the storage, in MiB a second.
  public let storageThroughput: Int?
  /// Whether the transaction logs have a volume of their own.
  public let dedicatedLogVolume: Bool?
  /// For how many days Performance Insights keeps what it measured.
  public let performanceInsightsRetentionDays: Int?
  /// The key that it is encrypted with.
  public let performanceInsightsKey: String?
  /// The roles that the database takes on, each with what for, sorted.
  public let roles: [String]
  /// Whether RDS keeps the master password in a secret of Secrets Manager.
  public let managesMasterPassword: Bool

  /// What an instance or a cluster has, whichever RDS describes.
  init(inForce element: XMLElement) {
    iops = element.integer("Iops")
    storageThroughput = element.integer("StorageThroughput")
    dedicatedLogVolume = element.flag("DedicatedLogVolume")
    performanceInsightsRetentionDays = element.integer("PerformanceInsightsRetentionPeriod")
    performanceInsightsKey = element.string("PerformanceInsightsKMSKeyId")
    roles = element.list("AssociatedRoles").compactMap { role in
      role.string("RoleArn").map { arn in
        role.string("FeatureName").map { "\(arn) (\($0))" } ?? arn
      }
    }.sorted()
    managesMasterPassword = element.child("MasterUserSecret")?.string("SecretArn") != nil
  }

  /// What is here and not there, for people.
  public func differences(from inForce: DatabaseDetails) -> [String] {
    var differences: [String] = []
    func compare<Value: Equatable>(_ what: String, _ expected: Value?, _ found: Value?) {
      guard let expected, found != expected else { return }
      differences.append("\(what) is \(found.map { "\($0)" } ?? "not set"), not \(expected)")
    }
    compare("IOPS", iops, inForce.iops)
    compare("storage throughput", storageThroughput, inForce.storageThroughput)
    compare("dedicated log volume", dedicatedLogVolume, inForce.dedicatedLogVolume)
    compare(
      "retention of Performance Insights", performanceInsightsRetentionDays,
      inForce.performanceInsightsRetentionDays)
    // A key of one region means nothing in another.
    if let key = performanceInsightsKey, let found = inForce.performanceInsightsKey,
      Self.region(of: key) == Self.region(of: found)
    {
      compare("key of Performance Insights", key, found)
    }
    let missing = roles.filter { !inForce.roles.contains($0) }
    if !missing.isEmpty {
      differences.append("roles are missing: \(missing.joined(separator: ", "))")
    }
    if managesMasterPassword, !inForce.managesMasterPassword {
      differences.append("RDS does not manage the master password in Secrets Manager")
    }
    return differences
  }

  private static func region(of arn: String) -> Substring? {
    arn.split(separator: ":", omittingEmptySubsequences: false).dropFirst(3).first
  }
}
