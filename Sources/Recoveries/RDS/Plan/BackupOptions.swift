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
      .matching(
        "the ARN of a role", pattern: "^arn:", example: "arn:aws:iam::123456789012:role/backup",
        where: { $0.hasPrefix("arn:") }), "The role that AWS Backup restores with.")
    vault = fields.optional(
      "vault", .text(upTo: 50), "The vault whose recovery points come into question; else any.")
  }
}
