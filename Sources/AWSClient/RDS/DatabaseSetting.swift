/// One of the settings of ``DatabaseSettings``, described once: what it is called, who has it, and how a
/// description of RDS is turned into a change that asks for the same.
public struct DatabaseSetting: Sendable {
  /// What may have a setting of its own.
  public enum Holder: Sendable {
    case instance
    /// An Aurora cluster as a whole.
    case cluster
    /// An instance of an Aurora cluster.
    case clusterMember
  }

  let path: any PartialKeyPath<DatabaseSettings> & Sendable
  let holders: Set<Holder>
  /// The parameter that asks for it, by holder where it is not the same.
  private let parameters: [Holder: String]
  /// Where a description has it, in jq, by holder; the same as the parameter when left out.
  private let described: [Holder: String]
  /// The entries of a description, in jq, made of settings as a report has them.
  let recorded: String
  /// Adds it to the parameters of a change, under a name.
  private let add: @Sendable (DatabaseSettings, String, inout QueryParameters) -> Void
  let clear: @Sendable (inout DatabaseSettings) -> Void
  /// Takes what is open in the first from the second.
  let fill: @Sendable (inout DatabaseSettings, DatabaseSettings) -> Void
  /// What is not as wanted; nil when all is, or nothing is wanted.
  let difference: @Sendable (_ wanted: DatabaseSettings, _ inForce: DatabaseSettings) -> String?

  private init<Value: Setting>(
    _ name: String, _ setting: any WritableKeyPath<DatabaseSettings, Value?> & Sendable,
    of holders: Set<Holder>, asked parameters: [Holder: String],
    described: [Holder: String] = [:], recorded: String,
    comparing: (@Sendable (_ wanted: Value, _ found: Value?) -> String?)? = nil
  ) {
    path = setting
    self.holders = holders
    self.parameters = parameters
    self.described = described
    self.recorded = recorded
    add = { $0[keyPath: setting]?.add(to: &$2, as: $1) }
    clear = { $0[keyPath: setting] = nil }
    fill = { $0[keyPath: setting] = $0[keyPath: setting] ?? $1[keyPath: setting] }
    difference = { wanted, inForce in
      guard let wanted = wanted[keyPath: setting] else { return nil }
      let found = inForce[keyPath: setting]
      if let comparing { return comparing(wanted, found) }
      return found == wanted
        ? nil : "\(name) is \(Self.words(found)), not \(Self.words(wanted))"
    }
  }

  /// Who has it asks for it by the same parameter everywhere.
  private init<Value: Setting>(
    _ name: String, _ setting: any WritableKeyPath<DatabaseSettings, Value?> & Sendable,
    of holders: Set<Holder>, asked parameter: String, described: String? = nil,
    recorded: String,
    comparing: (@Sendable (_ wanted: Value, _ found: Value?) -> String?)? = nil
  ) {
    self.init(
      name, setting, of: holders,
      asked: Dictionary(uniqueKeysWithValues: holders.map { ($0, parameter) }),
      described: described.map { described in
        Dictionary(uniqueKeysWithValues: holders.map { ($0, described) })
      } ?? [:], recorded: recorded, comparing: comparing)
  }

  private static func words<Value>(_ value: Value?) -> String {
    guard let value else { return "not set" }
    return (value as? [String])?.joined(separator: ", ") ?? "\(value)"
  }
}

extension DatabaseSetting {
  /// Every setting.
  static let all: [DatabaseSetting] = [
    DatabaseSetting(
      "backup retention", \.backupRetentionDays, of: [.instance, .cluster],
      asked: "BackupRetentionPeriod",
      recorded: "BackupRetentionPeriod: .backupRetentionDays"),
    DatabaseSetting(
      "backup window", \.backupWindow, of: [.instance, .cluster], asked: "PreferredBackupWindow",
      recorded: "PreferredBackupWindow: .backupWindow"),
    DatabaseSetting(
      "maintenance window", \.maintenanceWindow, of: [.instance, .cluster, .clusterMember],
      asked: "PreferredMaintenanceWindow",
      recorded: "PreferredMaintenanceWindow: .maintenanceWindow"),
    DatabaseSetting(
      "monitoring interval", \.monitoringInterval, of: [.instance, .clusterMember],
      asked: "MonitoringInterval",
      described: "(if .MonitoringRoleArn then .MonitoringInterval else null end)",
      recorded: "MonitoringInterval: .monitoringInterval"),
    DatabaseSetting(
      "monitoring role", \.monitoringRole, of: [.instance, .clusterMember],
      asked: "MonitoringRoleArn",
      recorded: "MonitoringRoleArn: .monitoringRole"),
    DatabaseSetting(
      "Performance Insights", \.performanceInsights, of: [.instance, .clusterMember],
      asked: "EnablePerformanceInsights",
      described: ".PerformanceInsightsEnabled",
      recorded: "PerformanceInsightsEnabled: .performanceInsights"),
    DatabaseSetting(
      "storage limit", \.maxAllocatedStorage, of: [.instance], asked: "MaxAllocatedStorage",
      recorded: "MaxAllocatedStorage: .maxAllocatedStorage"),
    DatabaseSetting(
      "certificate authority", \.caCertificate, of: [.instance, .clusterMember],
      asked: "CACertificateIdentifier",
      recorded: "CACertificateIdentifier: .caCertificate"),
    DatabaseSetting(
      "minor version upgrade", \.autoMinorVersionUpgrade, of: [.instance, .clusterMember],
      asked: "AutoMinorVersionUpgrade",
      recorded: "AutoMinorVersionUpgrade: .autoMinorVersionUpgrade"),
    DatabaseSetting(
      "parameter group", \.parameterGroup, of: [.instance, .cluster, .clusterMember],
      asked: [
        .instance: "DBParameterGroupName", .clusterMember: "DBParameterGroupName",
        .cluster: "DBClusterParameterGroupName",
      ],
      described: [
        .instance: ".DBParameterGroups[0].DBParameterGroupName",
        .clusterMember: ".DBParameterGroups[0].DBParameterGroupName",
        .cluster: ".DBClusterParameterGroup",
      ],
      recorded: "DBParameterGroups: [{DBParameterGroupName: .parameterGroup}], "
        + "DBClusterParameterGroup: .parameterGroup"),
    DatabaseSetting(
      "option group", \.optionGroup, of: [.instance], asked: "OptionGroupName",
      described: ".OptionGroupMemberships[0].OptionGroupName",
      recorded: "OptionGroupMemberships: [{OptionGroupName: .optionGroup}]"),
    DatabaseSetting(
      "security groups", \.securityGroups, of: [.instance, .cluster], asked: "VpcSecurityGroupIds",
      described: "[.VpcSecurityGroups[]?.VpcSecurityGroupId]",
      recorded: "VpcSecurityGroups: [(.securityGroups // [])[] | {VpcSecurityGroupId: .}]"),
    DatabaseSetting(
      "IAM authentication", \.iamAuthentication, of: [.instance, .cluster],
      asked: "EnableIAMDatabaseAuthentication",
      described: "(if .IAMDatabaseAuthenticationEnabled then true else null end)",
      recorded: "IAMDatabaseAuthenticationEnabled: .iamAuthentication"),
    DatabaseSetting(
      "Multi-AZ", \.multiAZ, of: [.instance], asked: "MultiAZ",
      recorded: "MultiAZ: .multiAZ"),
    DatabaseSetting(
      "deletion protection", \.deletionProtection, of: [.instance, .cluster],
      asked: "DeletionProtection",
      recorded: "DeletionProtection: .deletionProtection"),
    DatabaseSetting(
      "copying of tags to snapshots", \.copyTagsToSnapshot, of: [.instance, .cluster],
      asked: "CopyTagsToSnapshot",
      recorded: "CopyTagsToSnapshot: .copyTagsToSnapshot"),
    // Logs that go to CloudWatch besides may stay.
    DatabaseSetting(
      "log exports", \.logExports, of: [.instance, .cluster],
      asked: "CloudwatchLogsExportConfiguration.EnableLogTypes",
      described:
        "(.EnabledCloudwatchLogsExports | if (. // []) == [] then null else {EnableLogTypes: .} end)",
      recorded: "EnabledCloudwatchLogsExports: .logExports"
    ) { wanted, found in
      let missing = Set(wanted).subtracting(found ?? []).sorted()
      return missing.isEmpty ? nil : "log exports lack \(missing.joined(separator: ", "))"
    },
  ]

  /// Adds it to the parameters of the change that asks for it.
  func ask(_ settings: DatabaseSettings, for holder: Holder, in parameters: inout QueryParameters) {
    guard let name = self.parameters[holder] else { return }
    add(settings, name, &parameters)
  }

  /// The entry of a jq object that asks for what the description under `.` has.
  func entry(for holder: Holder) -> String {
    // A list inside a structure is described as the whole structure.
    let parameter = (parameters[holder] ?? "").prefix { $0 != "." }
    guard let described = described[holder] else { return String(parameter) }
    return "\(parameter): \(described)"
  }
}

/// What a setting may be.
protocol Setting: Equatable, Sendable {
  func add(to parameters: inout QueryParameters, as name: String)
}

extension Int: Setting {
  func add(to parameters: inout QueryParameters, as name: String) { parameters.set(name, self) }
}

extension Bool: Setting {
  func add(to parameters: inout QueryParameters, as name: String) { parameters.set(name, self) }
}

extension String: Setting {
  func add(to parameters: inout QueryParameters, as name: String) { parameters.set(name, self) }
}

extension [String]: Setting {
  func add(to parameters: inout QueryParameters, as name: String) {
    // Members of a list have a name of their own where RDS's model gives them one.
    parameters.set(
      name, self, member: name == "VpcSecurityGroupIds" ? "VpcSecurityGroupId" : "member")
  }
}
