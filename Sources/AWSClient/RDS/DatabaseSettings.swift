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
  /// Whether its snapshots get its tags.
  public var copyTagsToSnapshot: Bool?

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
    copyTagsToSnapshot = element.flag("CopyTagsToSnapshot")
  }
}

extension DatabaseSettings {
  /// Adds what such a database can be asked for to the parameters of a change.
  func ask(for holder: DatabaseSetting.Holder, in parameters: inout QueryParameters) {
    for setting in DatabaseSetting.all { setting.ask(self, for: holder, in: &parameters) }
  }

  /// The settings asked for here that are not in force there, each with both values.
  public func differences(from inForce: DatabaseSettings) -> [String] {
    DatabaseSetting.all.compactMap { $0.difference(self, inForce) }
  }

  /// What is left open here, taken from another.
  public func filled(from other: DatabaseSettings) -> DatabaseSettings {
    var filled = self
    for setting in DatabaseSetting.all { setting.fill(&filled, other) }
    return filled
  }

  /// The same with these settings left open.
  public func without(_ others: [PartialKeyPath<DatabaseSettings>]) -> DatabaseSettings {
    var rest = self
    for setting in DatabaseSetting.all where others.contains(setting.path) { setting.clear(&rest) }
    return rest
  }

  /// The settings that such a database has of its own.
  public func of(_ holder: DatabaseSetting.Holder) -> DatabaseSettings {
    var own = DatabaseSettings()
    for setting in DatabaseSetting.all where setting.holders.contains(holder) {
      setting.fill(&own, self)
    }
    return own
  }

  /// A jq program that turns the AWS CLI's description of a database into the input of a command that
  /// asks for the same settings; what the description lacks is left out.
  ///
  /// - Parameter others: settings that are not asked for by it.
  public static func program(
    for holder: DatabaseSetting.Holder, without others: [PartialKeyPath<DatabaseSettings>]
  ) -> String {
    let entries = DatabaseSetting.all.filter { setting in
      setting.holders.contains(holder) && !others.contains(setting.path)
    }.map { $0.entry(for: holder) }
    let list = holder == .cluster ? "DBClusters" : "DBInstances"
    return """
      .\(list)[0] // {} | {
        \(entries.joined(separator: ",\n  "))
      } | with_entries(select(.value != null))
      """
  }

  /// A jq program that turns settings as a report has them into entries of the AWS CLI's description.
  public static var descriptionProgram: String {
    "{\n  \(DatabaseSetting.all.map(\.recorded).joined(separator: ",\n  "))\n}"
  }
}
