import AWSClient
import Platform
import RecoveryPlan
import RunJournal
import StrictJSON

/// `rds.target`: what the restore call is told.
struct RDSTarget: PlanObject {
  let identifier: String?
  let instanceClass: String?
  let subnetGroup: String
  let securityGroups: [String]
  let parameterGroup: String?
  let optionGroup: String?
  let multiAZ: Bool?
  let port: Int?
  let storageType: String?
  let iops: Int?
  let publiclyAccessible: Bool
  let iamAuthentication: Bool
  let logExports: [String]?
  let sharesProduction: String?

  init(from fields: FieldReader) {
    identifier = fields.optional(
      "identifier", .rdsIdentifier,
      "The name of the restored instance; a drill always makes a name of its own.")
    instanceClass = fields.optional(
      "class", .instanceClass, "The instance class; the source's when left out.")
    subnetGroup = fields.required("subnetGroup", .text(upTo: 255), "The DB subnet group.")
    securityGroups = fields.required(
      "securityGroups", .list(of: .securityGroup, 1...5),
      "The VPC security groups; RDS would take the VPC's default group.")
    parameterGroup = fields.optional("parameterGroup", .text(upTo: 255), "The DB parameter group.")
    optionGroup = fields.optional("optionGroup", .text(upTo: 255), "The option group.")
    multiAZ = fields.optional(
      "multiAZ", .boolean,
      "Whether a standby is made; as the instance had that is lost when left out, but never in a drill."
    )
    port = fields.optional(
      "port", .integer(1_150...65_535), "The port; the source's when left out.")
    storageType = fields.optional(
      "storageType", .choice(["gp2", "gp3", "io1", "io2"]), "The storage type.")
    iops = fields.optional("iops", .integer(1_000...256_000), "Provisioned operations a second.")
    publiclyAccessible = fields.optional(
      "publiclyAccessible", .boolean, default: false, shownAs: false,
      "Whether it gets a public address.")
    iamAuthentication = fields.optional(
      "iamAuthentication", .boolean, default: false, shownAs: false,
      "Whether IAM database authentication is on.")
    logExports = fields.optional(
      "logExports", .list(of: .choice(["postgresql", "upgrade"]), 0...2),
      "Logs that go to CloudWatch; those of the instance that is lost when left out.")
    sharesProduction = fields.optional(
      "sharesProduction", .text(upTo: 500),
      "Why a drill may run in production's subnet group or security groups; else it refuses to.")
  }
}

/// `rds.settings`: what the restore call does not take.
struct RDSSettings: PlanObject {
  let backupRetention: Int?
  let deletionProtection: Bool?
  let monitoringInterval: Int?
  let monitoringRole: String?
  let performanceInsights: Bool?
  let maintenanceWindow: String?
  let backupWindow: String?
  let maxAllocatedStorage: Int?
  let caCertificate: String?
  let autoMinorVersionUpgrade: Bool?

  init(from fields: FieldReader) {
    backupRetention = fields.optional(
      "backupRetention", .integer(0...35), "For how many days backups are kept.")
    deletionProtection = fields.optional(
      "deletionProtection", .boolean, "Whether RDS refuses to delete it (restores only).")
    monitoringInterval = fields.optional(
      "monitoringInterval", .integer(of: [0, 1, 5, 10, 15, 30, 60]),
      "Seconds between points of enhanced monitoring.")
    monitoringRole = fields.optional(
      "monitoringRole",
      .role("monitor"), "The role that enhanced monitoring writes with.")
    performanceInsights = fields.optional(
      "performanceInsights", .boolean, "Whether Performance Insights is on.")
    maintenanceWindow = fields.optional(
      "maintenanceWindow", .weeklyWindow, "The weekly window, UTC: sun:05:00-sun:05:30.")
    backupWindow = fields.optional(
      "backupWindow", .dailyWindow, "The daily window, UTC: 03:00-03:30.")
    maxAllocatedStorage = fields.optional(
      "maxAllocatedStorage", .integer(20...65_536), "The limit of storage autoscaling, GiB.")
    caCertificate = fields.optional(
      "caCertificate", .text(upTo: 100), "The authority of the server's certificate.")
    autoMinorVersionUpgrade = fields.optional(
      "autoMinorVersionUpgrade", .boolean, "Whether minor versions are installed by themselves.")
    if let monitoringInterval, monitoringInterval > 0, monitoringRole == nil {
      fields.report(
        "enhanced monitoring has no role to write with", in: "monitoringInterval",
        fix: "Add 'monitoringRole' with the ARN of a role, or write monitoringInterval: 0.")
    }
  }
}

extension RDSSettings {
  /// What is asked of RDS; a drill's copy has to be removable.
  func stated(in mode: RunMode) -> DatabaseSettings {
    var stated = DatabaseSettings()
    stated.backupRetentionDays = backupRetention
    stated.backupWindow = backupWindow
    stated.maintenanceWindow = maintenanceWindow
    stated.monitoringInterval = monitoringInterval
    stated.monitoringRole = monitoringRole
    stated.performanceInsights = performanceInsights
    stated.maxAllocatedStorage = maxAllocatedStorage
    stated.caCertificate = caCertificate
    stated.autoMinorVersionUpgrade = autoMinorVersionUpgrade
    stated.deletionProtection = mode == .restore ? deletionProtection : nil
    return stated
  }
}

/// `rds.timeouts`
struct RDSTimeouts: PlanObject {
  var restore: Duration = .seconds(7_200)
  var modify: Duration = .seconds(1_800)
  var connect: Duration = .seconds(600)
  var delete: Duration = .seconds(3_600)
  var copy: Duration = .seconds(21_600)
  var promote: Duration = .seconds(1_800)

  init() {}

  init(from fields: FieldReader) {
    restore = fields.optional(
      "restore", .duration, default: restore, shownAs: "2h", "Until the instance is usable.")
    modify = fields.optional(
      "modify", .duration, default: modify, shownAs: "30m", "Until settings are in force.")
    connect = fields.optional(
      "connect", .duration, default: connect, shownAs: "10m", "Until the database answers.")
    delete = fields.optional(
      "delete", .duration, default: delete, shownAs: "1h", "Until a drill's copy is gone.")
    copy = fields.optional(
      "copy", .duration, default: copy, shownAs: "6h", "Until a snapshot's copy is complete.")
    promote = fields.optional(
      "promote", .duration, default: promote, shownAs: "30m",
      "Until a replica is promoted, or a standby has taken over.")
  }
}

extension FieldType where Value == String {
  /// An instance class, as `db.r6g.large`.
  static var instanceClass: FieldType {
    .matching(
      "an RDS instance class", pattern: "^db(\\.[a-z0-9-]+){2,}$", example: "db.r6g.large",
      where: isInstanceClass)
  }

  /// The identifier of a VPC security group.
  static var securityGroup: FieldType {
    .matching(
      "a security group's identifier", pattern: "^sg-[0-9a-z]+$", example: "sg-0123abcd"
    ) {
      $0.hasPrefix("sg-") && $0.count > 3
        && $0.dropFirst(3).utf8.allSatisfy(\.isLowercaseOrDigit)
    }
  }
}

/// `db.` and two or more parts, as in `db.r6g.large` or `db.x2iedn.16xlarge.tpc1.mem2x`.
private func isInstanceClass(_ text: String) -> Bool {
  let parts = text.utf8.split(separator: 0x2E, omittingEmptySubsequences: false)
  return parts.count >= 3 && text.hasPrefix("db.")
    && parts.allSatisfy { part in
      !part.isEmpty && part.allSatisfy { $0.isLowercaseOrDigit || $0 == 0x2D }
    }
}
