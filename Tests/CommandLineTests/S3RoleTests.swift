import Foundation
import Testing

/// The role that S3 replicates as, with KMS and Object Lock: asked of IAM in a whole run.
extension S3DrillTests {
  private static let sourceKey = "arn:aws:kms:us-east-1:123456789012:key/aaaa"
  private static let replicaKey = "arn:aws:kms:us-west-2:123456789012:key/bbbb"
  private static let role = "arn:aws:iam::123456789012:role/replication"

  /// Both buckets lock and encrypt, and a rule for `media/` replicates that.
  private func encrypt(ruleKey: String = Self.replicaKey) throws {
    for (bucket, region, key) in [
      ("mosaic-media", "us-east-1", Self.sourceKey),
      ("mosaic-media-dr", "us-west-2", Self.replicaKey),
    ] {
      let byDefault: [String: Any] = ["SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key]
      let rules = [["ApplyServerSideEncryptionByDefault": byDefault]]
      try lab.aws(
        "s3", region, "put_bucket_encryption",
        ["Bucket": bucket, "ServerSideEncryptionConfiguration": ["Rules": rules]])
      try lab.aws(
        "s3", region, "put_object_lock_configuration",
        ["Bucket": bucket, "ObjectLockConfiguration": ["ObjectLockEnabled": "Enabled"]])
    }
    let rule: [String: Any] = [
      "ID": "media", "Priority": 1, "Status": "Enabled", "Filter": ["Prefix": "media/"],
      "DeleteMarkerReplication": ["Status": "Enabled"],
      "SourceSelectionCriteria": ["SseKmsEncryptedObjects": ["Status": "Enabled"]],
      "Destination": [
        "Bucket": "arn:aws:s3:::mosaic-media-dr",
        "EncryptionConfiguration": ["ReplicaKmsKeyID": ruleKey],
      ],
    ]
    try lab.aws(
      "s3", "us-east-1", "put_bucket_replication",
      [
        "Bucket": "mosaic-media",
        "ReplicationConfiguration": ["Role": Self.role, "Rules": [rule]],
      ])
  }

  private func allow(
    _ statements: [[String: Any]], trusting service: String = "s3.amazonaws.com"
  ) throws {
    let trust = """
      {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "\(service)"},
      "Action": "sts:AssumeRole"}]}
      """
    try lab.aws(
      "iam", "us-east-1", "create_role",
      ["RoleName": "replication", "AssumeRolePolicyDocument": trust])
    let policy: [String: Any] = [
      "Version": "2012-10-17",
      "Statement": statements.map { $0.merging(["Effect": "Allow"]) { $1 } },
    ]
    let text = String(decoding: try JSONSerialization.data(withJSONObject: policy), as: UTF8.self)
    try lab.aws(
      "iam", "us-east-1", "put_role_policy",
      ["RoleName": "replication", "PolicyName": "all", "PolicyDocument": text])
  }

  /// As the S3 User Guide has it, for `media/` alone.
  private func documented() -> [[String: Any]] {
    let key = { (action: String, key: String, region: String, bucket: String) -> [String: Any] in
      [
        "Action": [action], "Resource": [key],
        "Condition": [
          "StringLike": [
            "kms:ViaService": "s3.\(region).amazonaws.com",
            "kms:EncryptionContext:aws:s3:arn": ["arn:aws:s3:::\(bucket)/media/*"],
          ]
        ],
      ]
    }
    return [
      [
        "Action": ["s3:GetReplicationConfiguration", "s3:ListBucket"],
        "Resource": ["arn:aws:s3:::mosaic-media"],
      ],
      [
        "Action": [
          "s3:GetObjectVersionForReplication", "s3:GetObjectVersionAcl",
          "s3:GetObjectVersionTagging", "s3:GetObjectRetention", "s3:GetObjectLegalHold",
        ], "Resource": ["arn:aws:s3:::mosaic-media/media/*"],
      ],
      [
        "Action": ["s3:ReplicateObject", "s3:ReplicateDelete", "s3:ReplicateTags"],
        "Resource": ["arn:aws:s3:::mosaic-media-dr/media/*"],
      ],
      key("kms:Decrypt", Self.sourceKey, "us-east-1", "mosaic-media"),
      key("kms:Encrypt", Self.replicaKey, "us-west-2", "mosaic-media-dr"),
    ]
  }

  private func drill() throws -> String {
    let run = try tool.run(
      "drill", "--plan",
      try plan([
        "canary: true": "canary: false",
        "compare: full": "compare: none\n        replicaKeys: [\"\(Self.replicaKey)\"]",
        "repair: copy": "repair: none",
      ]))
    #expect(run.status != 4, "\(run.output)\(run.errors)")
    return run.output
  }

  @Test func aRoleWithTheDocumentedPolicyMayDoAll() throws {
    try encrypt()
    try allow(documented())
    let output = try drill()
    #expect(!output.contains("may not"), "\(output)")
    #expect(!output.contains("looked up"), "\(output)")
    #expect(!output.contains("does not trust"), "\(output)")
    #expect(!output.contains("encrypts replicas with"), "\(output)")
  }

  /// Each key is asked for by itself, and a condition that does not hold allows nothing.
  @Test func whatARoleLacksIsNamed() throws {
    try encrypt()
    var policy = documented()
    policy[1]["Action"] = [
      "s3:GetObjectVersionForReplication", "s3:GetObjectVersionAcl", "s3:GetObjectVersionTagging",
    ]
    policy[2]["Action"] = ["s3:ReplicateObject", "s3:ReplicateDelete"]
    policy[3]["Condition"] = ["StringLike": ["kms:ViaService": "s3.us-west-2.amazonaws.com"]]
    policy[4]["Resource"] = [Self.sourceKey]
    try allow(policy)
    let output = try drill()
    for lack in [
      "s3:GetObjectRetention, s3:GetObjectLegalHold on arn:aws:s3:::mosaic-media/media/*",
      "s3:ReplicateTags on arn:aws:s3:::mosaic-media-dr/media/*",
      "kms:Decrypt on \(Self.sourceKey)", "kms:Encrypt on \(Self.replicaKey)",
    ] {
      #expect(output.contains("\(Self.role) may not \(lack)."), "\(lack): \(output)")
    }
    #expect(output.split(separator: "\n").count { $0.contains("may not") } == 4, "\(output)")
  }

  /// The role of S3 Batch Operations is another one.
  @Test func aRoleThatS3CannotTakeOnIsNamed() throws {
    try encrypt()
    try allow(documented(), trusting: "batchoperations.s3.amazonaws.com")
    let output = try drill()
    #expect(output.contains("role \(Self.role) does not trust s3.amazonaws.com"), "\(output)")
    #expect(!output.contains("may not"), "\(output)")
  }

  @Test func aRulesKeyIsHeldAgainstThatOfTheBucket() throws {
    let other = "arn:aws:kms:us-east-1:123456789012:key/cccc"
    try encrypt(ruleKey: other)
    try allow(documented())
    let output = try drill()
    for finding in [
      "Rule 'media' encrypts with KMS key \(other), which the plan does not state for mosaic-media-dr",
      "Rule 'media' encrypts replicas with KMS key \(other), which is in us-east-1",
      "and mosaic-media-dr what is written there with \(Self.replicaKey): who is led over needs both",
    ] {
      #expect(output.contains(finding), "\(finding): \(output)")
    }
  }
}
