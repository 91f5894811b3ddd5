/// What calls of RDS touch and need, derived from their parameters.
///
/// Source: Service Authorization Reference, "Actions, resources, and condition keys for Amazon RDS".
enum RDSPermissions {
  /// The kind of resource that a parameter names.
  private static let kinds: [String: String] = [
    "DBInstanceIdentifier": "db", "TargetDBInstanceIdentifier": "db",
    "SourceDBInstanceIdentifier": "db", "DBSnapshotIdentifier": "snapshot",
    "SourceDBSnapshotIdentifier": "snapshot", "TargetDBSnapshotIdentifier": "snapshot",
    "DBSubnetGroupName": "subgrp", "DBParameterGroupName": "pg", "OptionGroupName": "og",
    "DBClusterIdentifier": "cluster", "SourceDBClusterIdentifier": "cluster",
    "DBClusterSnapshotIdentifier": "cluster-snapshot", "SnapshotIdentifier": "cluster-snapshot",
    "DBClusterParameterGroupName": "cluster-pg",
    "SourceDBInstanceAutomatedBackupsArn": "auto-backup",
    "DBInstanceAutomatedBackupsArn": "auto-backup",
    "ResourceName": "db",
  ]

  /// What an action is authorized against besides, although no parameter names it.
  private static let unnamed: [String: [String]] = [
    "DescribeDBSnapshots": ["snapshot:*"], "DescribeDBClusterSnapshots": ["cluster-snapshot:*"],
    "DescribeDBInstanceAutomatedBackups": ["auto-backup:*"],
    "DescribeDBInstances": ["db:*"], "DescribeDBClusters": ["cluster:*"],
    "RestoreDBInstanceFromDBSnapshot": ["og:*"], "RestoreDBInstanceToPointInTime": ["og:*"],
    "RestoreDBClusterFromSnapshot": ["og:*"], "RestoreDBClusterToPointInTime": ["og:*"],
    "CreateDBInstance": ["og:*", "pg:*"], "CreateDBInstanceReadReplica": ["og:*", "pg:*"],
    "CopyDBSnapshot": ["og:*"],
  ]

  /// Calls that list nothing that can be named.
  private static let ofEverything: Set<String> = [
    "DescribeEvents", "DescribeDBEngineVersions", "DescribeOrderableDBInstanceOptions",
    "DescribeAccountAttributes", "DescribeCertificates",
  ]

  static func resources(of parameters: QueryParameters, _ action: String) -> [AWSResource] {
    if ofEverything.contains(action) { return [.any] }
    let named = parameters.entries.compactMap {
      name, value -> (kind: String, resource: AWSResource)? in
      guard let kind = kinds[name], case .scalar(let text) = value else { return nil }
      return (kind, .regional("rds", "\(kind):", nameOrARN: text))
    }
    let kindsNamed = Set(named.map(\.kind))
    let further = (unnamed[action] ?? []).filter { !kindsNamed.contains(kind(of: $0)) }
    var source: [AWSResource] = []
    // The identity of an instance is no part of its ARN.
    if parameters.entries.contains(where: { $0.name == "SourceDbiResourceId" }) {
      source = [.regional("rds", "db:*")]
    }
    let all = named.map(\.resource) + further.map { .regional("rds", $0) } + source
    return all.isEmpty ? [.any] : all
  }

  static func related(
    to parameters: QueryParameters, _ action: String, _ effect: RequestEffect, in region: String
  ) -> [IAMPermission] {
    var permissions: [IAMPermission] = []
    let made = [
      "TargetDBInstanceIdentifier", "TargetDBSnapshotIdentifier", "DBInstanceIdentifier",
      "DBClusterIdentifier",
    ]
    for (name, value) in parameters.entries {
      switch (name, value) {
      case (_, .tags) where effect == .creates:
        let resources = made.compactMap { made in
          parameters.entries.first { $0.name == made }.flatMap { resource(of: $0) }
        }
        permissions.append(IAMPermission("rds:AddTagsToResource", Array(resources.prefix(1))))
      case ("MonitoringRoleArn", .scalar(let role)):
        permissions.append(
          IAMPermission(
            "iam:PassRole", [.arn(role)],
            [.init("StringEquals", "iam:PassedToService", "monitoring.rds.amazonaws.com")]))
      default: break
      }
    }
    return permissions + (needsKey(action) ? keyPermissions(parameters, in: region) : [])
  }

  private static func kind(of name: String) -> String { String(name.prefix { $0 != ":" }) }

  private static func resource(
    of entry: (name: String, value: QueryParameters.Value)
  ) -> AWSResource? {
    guard let kind = kinds[entry.name], case .scalar(let text) = entry.value else { return nil }
    return .regional("rds", "\(kind):", nameOrARN: text)
  }

  private static func needsKey(_ action: String) -> Bool {
    ["RestoreDB", "CopyDB", "CreateDBInstanceReadReplica"].contains { action.hasPrefix($0) }
  }

  /// RDS makes a grant on the key of encrypted storage in the caller's name (RDS User Guide,
  /// "Encrypting Amazon RDS resources").
  private static func keyPermissions(
    _ parameters: QueryParameters, in region: String
  ) -> [IAMPermission] {
    let key = parameters.entries.first { $0.name == "KmsKeyId" }.flatMap { entry -> String? in
      if case .scalar(let text) = entry.value, !text.contains("alias/") { text } else { nil }
    }
    let resources = [AWSResource.regional("kms", "key/", nameOrARN: key ?? "*")]
    let through = IAMPermission.Condition(
      "StringEquals", "kms:ViaService", AWSService.rds.keyUser(in: region))
    return [
      IAMPermission("kms:DescribeKey", resources, [through]),
      IAMPermission(
        "kms:CreateGrant", resources,
        [through, .init("Bool", "kms:GrantIsForAWSResource", "true")]),
    ]
  }
}
