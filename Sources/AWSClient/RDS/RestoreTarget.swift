/// The settings that both restore calls of RDS take for the new instance.
///
/// What is left out falls back to RDS's defaults, not to the source's settings: the default subnet
/// group, security group and parameter group, one zone, no IAM authentication.
public struct RestoreTarget: Sendable, Codable, Equatable {
  /// The instance class; nil keeps the source's.
  public var instanceClass: String?
  /// The subnet group.
  public var subnetGroup: String
  /// The security groups.
  public var securityGroups: [String]
  /// The parameter group; nil is the engine's default group.
  public var parameterGroup: String?
  /// The option group; nil is the engine's default group.
  public var optionGroup: String?
  /// Whether a standby is made in another zone; nil leaves it to RDS, which makes none.
  public var multiAZ: Bool?
  /// The port; nil keeps the source's.
  public var port: Int?
  /// The storage type; nil lets RDS choose.
  public var storageType: String?
  /// Provisioned operations a second.
  public var iops: Int?
  /// Whether the instance gets a public address.
  public var publiclyAccessible: Bool
  /// Whether IAM database authentication is on.
  public var iamAuthentication: Bool
  /// The logs that go to CloudWatch.
  public var logExports: [String]
  /// Whether RDS refuses to delete it.
  public var deletionProtection: Bool
  /// For how many days automated backups are kept; nil keeps the source's (RDS User Guide, "Backup retention
  /// period").
  public var backupRetentionDays: Int?
  /// The tags; never empty, since without tags RDS would copy the source's.
  public var tags: [String: String]

  /// Creates the settings.
  public init(
    instanceClass: String?, subnetGroup: String, securityGroups: [String],
    parameterGroup: String?, optionGroup: String?, multiAZ: Bool?, port: Int?,
    storageType: String?, iops: Int?, publiclyAccessible: Bool, iamAuthentication: Bool,
    logExports: [String], deletionProtection: Bool, backupRetentionDays: Int?,
    tags: [String: String]
  ) {
    self.instanceClass = instanceClass
    self.subnetGroup = subnetGroup
    self.securityGroups = securityGroups
    self.parameterGroup = parameterGroup
    self.optionGroup = optionGroup
    self.multiAZ = multiAZ
    self.port = port
    self.storageType = storageType
    self.iops = iops
    self.publiclyAccessible = publiclyAccessible
    self.iamAuthentication = iamAuthentication
    self.logExports = logExports
    self.deletionProtection = deletionProtection
    self.backupRetentionDays = backupRetentionDays
    self.tags = tags
  }

  func add(to parameters: inout QueryParameters) {
    parameters.set("DBInstanceClass", instanceClass)
    parameters.set("DBSubnetGroupName", subnetGroup)
    parameters.set("VpcSecurityGroupIds", securityGroups, member: "VpcSecurityGroupId")
    parameters.set("DBParameterGroupName", parameterGroup)
    parameters.set("OptionGroupName", optionGroup)
    parameters.set("MultiAZ", multiAZ)
    parameters.set("Port", port)
    parameters.set("StorageType", storageType)
    parameters.set("Iops", iops)
    parameters.set("PubliclyAccessible", publiclyAccessible)
    parameters.set("EnableIAMDatabaseAuthentication", iamAuthentication)
    parameters.set("EnableCloudwatchLogsExports", logExports, member: "member")
    parameters.set("DeletionProtection", deletionProtection)
    parameters.set("BackupRetentionPeriod", backupRetentionDays)
    parameters.setTags(tags)
  }
}
