import Platform
import RecoveryPlan
import StrictJSON

/// `rds.recoverFrom.awsBackup`: a recovery point of AWS Backup in the recovery region.
struct BackupOptions: PlanObject, Equatable {
  let role: String
  let vault: String?

  init(from fields: FieldReader) {
    role = fields.required(
      "role",
      .role("backup"), "The role that AWS Backup restores with.")
    vault = fields.optional(
      "vault", .text(upTo: 50), "The vault whose recovery points come into question; else any.")
  }
}
