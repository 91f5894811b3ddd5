/// Settings of an instance or of an Aurora cluster that a restore does not carry over; nil leaves a
/// setting as it is.
public struct DatabaseSettings: Sendable, Codable, Equatable {
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
  /// The parameter group, of a cluster its own; static parameters come into force with a reboot.
  public var parameterGroup: String?
  /// The option group.
  public var optionGroup: String?
  /// The security groups, sorted.
  public var securityGroups: [String]?
  /// The logs that go to CloudWatch, sorted; others that do may stay.
  public var logExports: [String]?
  /// Whether IAM database authentication is on.
  public var iamAuthentication: Bool?
  /// Whether there is a standby in another zone.
  public var multiAZ: Bool?
  /// Whether RDS refuses to delete it.
  public var deletionProtection: Bool?

  /// Creates settings of which none is changed.
  public init() {}

  /// What an instance or a cluster has, whichever RDS describes.
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
    parameterGroup =
      element.list("DBParameterGroups").first?.string("DBParameterGroupName")
      ?? element.string("DBClusterParameterGroup")
    optionGroup = element.list("OptionGroupMemberships").first?.string("OptionGroupName")
    securityGroups = element.list("VpcSecurityGroups").compactMap {
      $0.string("VpcSecurityGroupId")
    }.sorted()
    logExports = element.list("EnabledCloudwatchLogsExports").map(\.text).sorted()
    iamAuthentication = element.flag("IAMDatabaseAuthenticationEnabled")
    multiAZ = element.flag("MultiAZ")
    deletionProtection = element.flag("DeletionProtection")
  }

  /// What instances and clusters have in common, as parameters of a change that is made at once.
  func addCommon(to parameters: inout QueryParameters) {
    parameters.set("ApplyImmediately", true)
    parameters.set("BackupRetentionPeriod", backupRetentionDays)
    parameters.set("PreferredBackupWindow", backupWindow)
    parameters.set("PreferredMaintenanceWindow", maintenanceWindow)
    parameters.set("EnableIAMDatabaseAuthentication", iamAuthentication)
    parameters.set("VpcSecurityGroupIds", securityGroups ?? [], member: "VpcSecurityGroupId")
    parameters.set(
      "CloudwatchLogsExportConfiguration.EnableLogTypes", logExports ?? [], member: "member")
    parameters.set("DeletionProtection", deletionProtection)
  }
}
