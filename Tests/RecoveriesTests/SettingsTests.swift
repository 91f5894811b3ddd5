import AWSClient
import Platform
import RunJournal
import Testing

@testable import Recoveries

@Suite struct SettingsTests {
  private var lost: DatabaseSettings {
    var settings = DatabaseSettings()
    settings.backupRetentionDays = 14
    settings.monitoringInterval = 60
    settings.monitoringRole = "arn:aws:iam::123456789012:role/monitoring"
    settings.parameterGroup = "mosaic-pg15"
    settings.securityGroups = ["sg-1", "sg-2"]
    settings.logExports = ["postgresql"]
    settings.iamAuthentication = true
    settings.multiAZ = true
    settings.deletionProtection = true
    return settings
  }

  @Test func whatThePlanStatesComesBeforeWhatWasThere() {
    var stated = DatabaseSettings()
    stated.backupRetentionDays = 3
    let chosen = stated.filled(from: lost)
    #expect(chosen.backupRetentionDays == 3)
    #expect(chosen.deletionProtection == true && chosen.logExports == ["postgresql"])
    #expect(lost.filled(from: DatabaseSettings()) == lost)
  }

  @Test func aDrillsCopyIsRemovableAndCostsNoMoreThanItMust() {
    let copy = lost.forDrill
    #expect(copy.deletionProtection == nil && copy.multiAZ == nil)
    #expect(copy.backupRetentionDays == nil && copy.monitoringRole == nil && copy.logExports == nil)
    #expect(copy.parameterGroup == "mosaic-pg15" && copy.iamAuthentication == true)
  }

  @Test func aClusterAndItsInstancesShareNoSettingButWindowsAndGroups() {
    let ofCluster = lost.of(.cluster)
    #expect(ofCluster.monitoringInterval == nil && ofCluster.iamAuthentication == true)
    #expect(lost.of(.clusterMember).monitoringInterval == 60)
    #expect(lost.of(.clusterMember).deletionProtection == nil)
    #expect(lost.of(.clusterMember).securityGroups == nil)
  }

  @Test func differencesNameBothValuesAndLogsThatAreThereBesidesAreNone() {
    var found = lost
    found.securityGroups = ["sg-1"]
    found.deletionProtection = false
    found.logExports = ["postgresql", "upgrade"]
    found.multiAZ = nil
    #expect(
      lost.differences(from: found) == [
        "security groups is sg-1, not sg-1, sg-2", "Multi-AZ is not set, not true",
        "deletion protection is false, not true",
      ])
    found.logExports = []
    #expect(lost.differences(from: found).last == "log exports lack postgresql")
  }

  private static let role = "arn:aws:iam::123456789012:role/import"

  private func instance(_ fields: [String: String], roles: [String] = []) throws -> ManagedDatabase
  {
    let named = [
      "DBInstanceIdentifier": "core", "DBInstanceStatus": "available", "DbiResourceId": "db-1",
    ]
    let plain = named.merging(fields) { $1 }.map { XMLElement(name: $0.key, text: $0.value) }
    let secret = XMLElement(
      name: "MasterUserSecret", children: [XMLElement(name: "SecretArn", text: "arn:secret")])
    let associated = XMLElement(
      name: "AssociatedRoles",
      children: roles.map { arn in
        XMLElement(
          name: "DBInstanceRole",
          children: [
            XMLElement(name: "RoleArn", text: arn),
            XMLElement(name: "FeatureName", text: "s3Import"),
          ])
      })
    let described = XMLElement(
      name: "DBInstance",
      children: plain + (roles.isEmpty ? [] : [associated, secret]))
    return ManagedDatabase(
      try ModifyDBInstance.answer(
        from: XMLElement(name: "ModifyDBInstanceResult", children: [described])))
  }

  private func differences(
    of restored: ManagedDatabase, from lost: ManagedDatabase, mode: RunMode = .restore
  ) -> [String] {
    let source = SourceRecord(
      instance: nil, settings: lost.settings, details: lost.details, engineVersion: nil,
      subnetGroup: nil, storageType: nil, tags: [:], seenAt: Timestamp(unixSeconds: 0))
    return CompareSettings.differences(of: restored, from: source, without: [], mode: mode)
  }

  @Test func whatNoStepPutsBackIsTold() throws {
    let lost = try instance(
      [
        "Iops": "12000", "StorageThroughput": "500", "DedicatedLogVolume": "true",
        "PerformanceInsightsRetentionPeriod": "465",
        "PerformanceInsightsKMSKeyId": "arn:aws:kms:us-east-1:123456789012:key/own",
        "CopyTagsToSnapshot": "true",
      ], roles: [Self.role])
    let restored = try instance([
      "Iops": "3000", "DedicatedLogVolume": "false", "PerformanceInsightsRetentionPeriod": "7",
      "PerformanceInsightsKMSKeyId": "arn:aws:kms:us-east-1:123456789012:key/aws",
      "CopyTagsToSnapshot": "false",
    ])
    #expect(
      differences(of: restored, from: lost) == [
        "copying of tags to snapshots is false, not true", "IOPS is 3000, not 12000",
        "storage throughput is not set, not 500", "dedicated log volume is false, not true",
        "retention of Performance Insights is 7, not 465",
        "key of Performance Insights is arn:aws:kms:us-east-1:123456789012:key/aws, "
          + "not arn:aws:kms:us-east-1:123456789012:key/own",
        "roles are missing: \(Self.role) (s3Import)",
        "RDS does not manage the master password in Secrets Manager",
      ])
    #expect(differences(of: lost, from: lost) == [])
    #expect(differences(of: lost, from: restored).contains("IOPS is 12000, not 3000"))
  }

  @Test func aKeyThatCannotBeHadInTheOtherRegionIsNoDifference() throws {
    let keys = ["us-east-1", "us-west-2"].map { "arn:aws:kms:\($0):123456789012:key/own" }
    let sides = try keys.map { try instance(["PerformanceInsightsKMSKeyId": $0]) }
    #expect(differences(of: sides[1], from: sides[0]) == [])
  }

  @Test func tagsOfSnapshotsAreASettingOfInstancesAndClusters() {
    var settings = DatabaseSettings()
    settings.copyTagsToSnapshot = true
    for holder in [DatabaseSetting.Holder.instance, .cluster] {
      #expect(settings.of(holder).copyTagsToSnapshot == true)
      #expect(DatabaseSettings.program(for: holder, without: []).contains("  CopyTagsToSnapshot"))
    }
    #expect(settings.of(.clusterMember) == DatabaseSettings())
    let request = ModifyDBInstance(identifier: "core", settings: settings)
    #expect(request.commandLine(region: "us-west-2").contains("--copy-tags-to-snapshot"))
  }

  @Test func aKeyOfAnotherRegionIsAStranger() {
    let key = "arn:aws:kms:us-east-1:123456789012:key/1234abcd"
    #expect(KeyState.stranger(key, to: "us-west-2") == "us-east-1")
    #expect(KeyState.stranger(key, to: "us-east-1") == nil)
    #expect(KeyState.stranger("alias/mosaic-dr", to: "us-west-2") == nil)
  }

  @Test func aListInsideAStructureIsWrittenAsTheCLITakesIt() {
    var settings = DatabaseSettings()
    settings.logExports = ["postgresql", "upgrade"]
    let request = ModifyDBInstance(identifier: "core", settings: settings)
    #expect(
      request.parameters.flattened.map(\.name).contains(
        "CloudwatchLogsExportConfiguration.EnableLogTypes.member.2"))
    #expect(
      request.commandLine(region: "us-west-2").suffix(2) == [
        "--cloudwatch-logs-export-configuration", "EnableLogTypes=postgresql,upgrade",
      ])
  }
}
