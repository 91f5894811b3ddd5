/// The settings that both restore calls for a cluster take.
public struct ClusterTarget: Sendable, Codable, Equatable {
  /// The subnet group.
  public var subnetGroup: String
  /// The security groups.
  public var securityGroups: [String]
  /// The cluster's parameter group; nil is the engine's default group.
  public var parameterGroup: String?
  /// The port; nil keeps the engine's.
  public var port: Int?
  /// The key of the new cluster's storage; nil keeps the recovery point's.
  public var kmsKey: String?
  /// Whether IAM database authentication is on.
  public var iamAuthentication: Bool
  /// For how many days automated backups are kept; nil keeps the source's (RDS API Reference,
  /// "RestoreDBClusterFromSnapshot").
  public var backupRetentionDays: Int?
  /// The tags; never empty, since without tags RDS would copy the source's.
  public var tags: [String: String]

  /// Creates the settings.
  public init(
    subnetGroup: String, securityGroups: [String], parameterGroup: String?, port: Int?,
    kmsKey: String?, iamAuthentication: Bool, backupRetentionDays: Int?, tags: [String: String]
  ) {
    self.subnetGroup = subnetGroup
    self.securityGroups = securityGroups
    self.parameterGroup = parameterGroup
    self.port = port
    self.kmsKey = kmsKey
    self.iamAuthentication = iamAuthentication
    self.backupRetentionDays = backupRetentionDays
    self.tags = tags
  }

  func add(to parameters: inout QueryParameters) {
    parameters.set("DBSubnetGroupName", subnetGroup)
    parameters.set("VpcSecurityGroupIds", securityGroups, member: "VpcSecurityGroupId")
    parameters.set("DBClusterParameterGroupName", parameterGroup)
    parameters.set("Port", port)
    parameters.set("KmsKeyId", kmsKey)
    parameters.set("EnableIAMDatabaseAuthentication", iamAuthentication)
    parameters.set("DeletionProtection", false)
    parameters.set("BackupRetentionPeriod", backupRetentionDays)
    parameters.setTags(tags)
  }
}
