import AWSClient
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
