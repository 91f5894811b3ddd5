/// Settings that no restore call takes; nil leaves a setting as it is.
public struct InstanceSettings: Sendable, Codable, Equatable {
  /// For how many days automated backups are kept.
  public var backupRetentionDays: Int?
  /// The daily window for backups, UTC: `06:00-06:30`.
  public var backupWindow: String?
  /// The weekly window for maintenance, UTC: `sun:05:00-sun:05:30`.
  public var maintenanceWindow: String?
  /// Seconds between points of enhanced monitoring; 0 is off.
  public var monitoringInterval: Int?
  /// The role that enhanced monitoring writes with.
  public var monitoringRole: String?
  /// Whether Performance Insights is on.
  public var performanceInsights: Bool?
  /// The limit of storage autoscaling, in GiB.
  public var maxAllocatedStorage: Int?
  /// The certificate authority of the server's certificate.
  public var caCertificate: String?
  /// Whether minor versions are installed by RDS.
  public var autoMinorVersionUpgrade: Bool?

  /// Creates settings of which none is changed.
  public init() {}
}

/// `rds:ModifyDBInstance`, applied immediately. Sending it twice asks for the same end state.
public struct ModifyDBInstance: AWSRequest {
  public static let service = AWSService.rds
  public static let action = "ModifyDBInstance"
  public static let effect = RequestEffect.changes

  private let identifier: String
  private let settings: InstanceSettings
  private let deletionProtection: Bool?

  /// Creates the request.
  public init(
    identifier: String, settings: InstanceSettings = InstanceSettings(),
    deletionProtection: Bool? = nil
  ) {
    self.identifier = identifier
    self.settings = settings
    self.deletionProtection = deletionProtection
  }

  public var parameters: QueryParameters {
    var parameters = QueryParameters()
    parameters.set("DBInstanceIdentifier", identifier)
    parameters.set("ApplyImmediately", true)
    parameters.set("BackupRetentionPeriod", settings.backupRetentionDays)
    parameters.set("PreferredBackupWindow", settings.backupWindow)
    parameters.set("PreferredMaintenanceWindow", settings.maintenanceWindow)
    parameters.set("MonitoringInterval", settings.monitoringInterval)
    parameters.set("MonitoringRoleArn", settings.monitoringRole)
    parameters.set("EnablePerformanceInsights", settings.performanceInsights)
    parameters.set("MaxAllocatedStorage", settings.maxAllocatedStorage)
    parameters.set("CACertificateIdentifier", settings.caCertificate)
    parameters.set("AutoMinorVersionUpgrade", settings.autoMinorVersionUpgrade)
    parameters.set("DeletionProtection", deletionProtection)
    return parameters
  }

  public static func answer(from result: XMLElement) throws -> DBInstance {
    try DBInstance.single(in: result, of: action)
  }
}
