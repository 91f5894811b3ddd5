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
  /// The parameter group; static parameters come into force with a reboot.
  public var parameterGroup: String?
  /// Whether IAM database authentication is on.
  public var iamAuthentication: Bool?
  /// Whether there is a standby in another zone.
  public var multiAZ: Bool?

  /// Creates settings of which none is changed.
  public init() {}

  /// Whether nothing is asked for.
  public var isEmpty: Bool { self == InstanceSettings() }

  init(inForce element: XMLElement) {
    backupRetentionDays = element.integer("BackupRetentionPeriod")
    backupWindow = element.string("PreferredBackupWindow")
    maintenanceWindow = element.string("PreferredMaintenanceWindow")
    monitoringInterval = element.integer("MonitoringInterval")
    monitoringRole = element.string("MonitoringRoleArn")
    performanceInsights = element.flag("PerformanceInsightsEnabled")
    maxAllocatedStorage = element.integer("MaxAllocatedStorage")
    caCertificate = element.string("CACertificateIdentifier")
    autoMinorVersionUpgrade = element.flag("AutoMinorVersionUpgrade")
    parameterGroup = element.list("DBParameterGroups").first?.string("DBParameterGroupName")
    iamAuthentication = element.flag("IAMDatabaseAuthenticationEnabled")
    multiAZ = element.flag("MultiAZ")
  }

  /// The settings asked for here that are not in force there, each with both values.
  public func differences(from inForce: InstanceSettings) -> [String] {
    func difference<Value: Equatable>(
      _ name: String, _ setting: KeyPath<InstanceSettings, Value?>
    ) -> String? {
      guard let wanted = self[keyPath: setting] else { return nil }
      let found = inForce[keyPath: setting]
      guard found != wanted else { return nil }
      return "\(name) is \(found.map { "\($0)" } ?? "not set"), not \(wanted)"
    }
    return [
      difference("backup retention", \.backupRetentionDays),
      difference("backup window", \.backupWindow),
      difference("maintenance window", \.maintenanceWindow),
      difference("monitoring interval", \.monitoringInterval),
      difference("monitoring role", \.monitoringRole),
      difference("Performance Insights", \.performanceInsights),
      difference("storage limit", \.maxAllocatedStorage),
      difference("certificate authority", \.caCertificate),
      difference("minor version upgrade", \.autoMinorVersionUpgrade),
      difference("parameter group", \.parameterGroup),
      difference("IAM authentication", \.iamAuthentication),
      difference("Multi-AZ", \.multiAZ),
    ].compactMap { $0 }
  }
}

/// `rds:ModifyDBInstance`, applied immediately. Sending it twice asks for the same end state.
public struct ModifyDBInstance: QueryRequest {
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
    parameters.set("DBParameterGroupName", settings.parameterGroup)
    parameters.set("EnableIAMDatabaseAuthentication", settings.iamAuthentication)
    parameters.set("MultiAZ", settings.multiAZ)
    parameters.set("DeletionProtection", deletionProtection)
    return parameters
  }

  public static func answer(from result: XMLElement) throws -> DBInstance {
    try DBInstance.single(in: result, of: action)
  }
}
