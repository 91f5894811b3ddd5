import AWSClient
import RunEngine

/// Whether the key of the recovery point can be used where it is brought back. A key that is disabled,
/// gone or of the lost region makes a restore fail, at the call or hours later.
struct CheckKey: ReadinessCheck {
  static let kind = "readiness.rds.key"

  let aws: AWSAccess
  let component: String
  let pointStep: String

  var summary: String { "KMS key" }
  var calls: [PlannedCall] { [aws.plan(DescribeKey(key: "<key>"))] }

  func observe(_ context: StepContext) async throws -> Observation<[ReadinessRow]> {
    let point = try context.output(of: pointStep, as: RDSRecoveryPoint.self)
    guard point.isEncrypted, let identifier = point.kmsKeyID else {
      return .ready([ReadinessRow(component, summary, .ready, "\(point.name) is not encrypted")])
    }
    if let stranger = KeyState.stranger(identifier, to: aws.region) {
      return .ready([
        ReadinessRow(
          component, summary, .notReady, "\(point.name) is encrypted with a key of \(stranger)",
          fix: "Copy it with a key of \(aws.region) (CopyDBSnapshot, KmsKeyId).")
      ])
    }
    return .ready([
      KeyState.row(try await aws.send(DescribeKey(key: identifier), context), component, summary)
    ])
  }
}

/// Whether the key that the plan gives a copy can be used.
struct CheckCopyKey: ReadinessCheck {
  static let kind = "readiness.rds.copy-key"

  let aws: AWSAccess
  let component: String
  let key: String?

  var summary: String { "KMS key of the copy" }
  var calls: [PlannedCall] { key.map { [aws.plan(DescribeKey(key: $0))] } ?? [] }

  func observe(_ context: StepContext) async throws -> Observation<[ReadinessRow]> {
    guard let key else {
      return .ready([
        ReadinessRow(
          component, summary, .warning, "the plan names none: an encrypted snapshot needs one",
          fix: "Add 'kmsKey' with a key of \(aws.region) to the plan's snapshotCopy.")
      ])
    }
    if let stranger = KeyState.stranger(key, to: aws.region) {
      return .ready([
        ReadinessRow(
          component, summary, .notReady, "\(key) is of \(stranger), and keys do not leave theirs",
          fix: "Name a key of \(aws.region).")
      ])
    }
    return .ready([
      KeyState.row(try await aws.send(DescribeKey(key: key), context), component, summary)
    ])
  }
}

/// What the state of a key means for a recovery.
enum KeyState {
  /// The region that a key's ARN names when it is another than this one.
  static func stranger(_ key: String, to region: String) -> String? {
    let parts = key.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false)
    guard parts.count == 6, parts[0] == "arn", parts[3] != region else { return nil }
    return String(parts[3])
  }

  static func row(_ key: KMSKey, _ component: String, _ check: String) -> ReadinessRow {
    guard key.state == "Enabled" else {
      return ReadinessRow(
        component, check, .notReady, "\(key.arn) is \(key.state)",
        fix: key.state == "PendingDeletion"
          ? "Cancel its deletion (kms:CancelKeyDeletion) and enable it."
          : "Enable it (kms:EnableKey).")
    }
    if key.manager == "AWS" {
      return ReadinessRow(
        component, check, .warning,
        "\(key.arn) is the key that AWS keeps for RDS: what it encrypts can be used in this account "
          + "alone",
        fix: "Encrypt with a key of your own, if recovery in another account is ever needed.")
    }
    return ReadinessRow(component, check, .ready, "\(key.arn) is enabled")
  }
}
