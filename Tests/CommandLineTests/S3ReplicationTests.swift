import Foundation
import Testing

/// What S3 says of a replication, of its settings and of single objects.
extension S3DrillTests {
  @Test func statusesTellWhatFailedWhatIsPendingAndWhatWasNeverToCome() throws {
    try lab.fallBehind(["late/failed", "late/kms", "late/old", "late/pending", "late/replica"])
    let status = "x-amz-replication-status"
    try lab(
      "pretend",
      [
        "objects": [
          "mosaic-media/": [status: "COMPLETED"],
          "mosaic-media/late/failed": [status: "FAILED"],
          "mosaic-media/late/pending": [status: "PENDING"],
          "mosaic-media/late/replica": [status: "REPLICA"],
          "mosaic-media/late/old": [status: ""],
          "mosaic-media/late/kms": [status: "", "x-amz-server-side-encryption": "aws:kms"],
        ]
      ])
    let drill = try tool.run("drill", "--plan", try plan(Self.impatient))
    #expect(drill.status == 4)
    #expect(drill.output.contains("1 missing, 1 failed, 3 never eligible"), "\(drill.output)")
    for (key, reason) in [
      ("late/failed", "its replication failed, and is not tried again"),
      ("late/pending", "its replication is pending"),
    ] {
      let line = drill.output.split(separator: "\n").first { $0.contains(key) }
      #expect(line?.contains(reason) == true, "\(drill.output)")
    }
    let report = try tool.run(
      "report", try #require(try tool.runs().first), "--format", "json"
    ).output
    for reason in [
      "encrypted with KMS, which no rule opts in to",
      "itself a replica, which is not replicated again", "S3 shows no replication status",
    ] {
      #expect(report.contains(reason), "\(reason)")
    }
  }

  @Test func settingsThatLoseObjectsAreNamed() throws {
    let (east, west) = ("us-east-1", "us-west-2")
    let key = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    try lab.aws(
      "s3", east, "put_bucket_encryption",
      [
        "Bucket": "mosaic-media",
        "ServerSideEncryptionConfiguration": [
          "Rules": [
            [
              "ApplyServerSideEncryptionByDefault": [
                "SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key,
              ]
            ]
          ]
        ],
      ])
    try lab.aws(
      "s3", east, "put_object_lock_configuration",
      ["Bucket": "mosaic-media", "ObjectLockConfiguration": ["ObjectLockEnabled": "Enabled"]])
    try lab.aws(
      "s3", west, "put_bucket_lifecycle_configuration",
      [
        "Bucket": "mosaic-media-dr",
        "LifecycleConfiguration": [
          "Rules": [
            [
              "ID": "old", "Status": "Enabled", "Filter": ["Prefix": "media/"],
              "Expiration": ["Days": 30],
            ]
          ]
        ],
      ])
    try lab.aws("s3", west, "delete_public_access_block", ["Bucket": "mosaic-media-dr"])
    try lab.aws(
      "s3", west, "put_bucket_ownership_controls",
      [
        "Bucket": "mosaic-media-dr",
        "OwnershipControls": ["Rules": [["ObjectOwnership": "ObjectWriter"]]],
      ])
    let role = "arn:aws:iam::123456789012:role/replication"
    try lab.aws(
      "s3", east, "put_bucket_replication",
      [
        "Bucket": "mosaic-media",
        "ReplicationConfiguration": [
          "Role": role,
          "Rules": [
            [
              "ID": "media", "Priority": 1, "Status": "Enabled", "Filter": ["Prefix": "media/"],
              "DeleteMarkerReplication": ["Status": "Disabled"],
              "Destination": [
                "Bucket": "arn:aws:s3:::mosaic-media-dr", "Metrics": ["Status": "Enabled"],
                "StorageClass": "GLACIER",
              ],
            ]
          ],
        ],
      ])
    try lab.aws(
      "iam", east, "create_role", ["RoleName": "replication", "AssumeRolePolicyDocument": "{}"])
    let policy = #"""
      {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["s3:Get*", "s3:List*", "s3:ReplicateObject", "s3:ReplicateTags"],
      "Resource": "*"}]}
      """#
    try lab.aws(
      "iam", east, "put_role_policy",
      ["RoleName": "replication", "PolicyName": "most", "PolicyDocument": policy])
    try lab("metric", ["rule": "media", "name": "ReplicationLatency", "value": 1_800])
    try lab("metric", ["rule": "media", "name": "OperationsFailedReplication", "value": 3])
    let drill = try tool.run("drill", "--plan", try plan())
    for finding in [
      "mosaic-media encrypts with KMS key \(key), which the plan does not state for mosaic-media",
      "Rule 'media' leaves out what is encrypted with KMS, as mosaic-media does by default",
      "mosaic-media locks objects and mosaic-media-dr does not",
      "Lifecycle rule 'old' of mosaic-media-dr deletes 'media/' after 30 days; mosaic-media keeps it.",
      "Public access to bucket mosaic-media-dr is not wholly blocked",
      "and to ObjectWriter in mosaic-media-dr",
      "Rule 'media' does not replicate delete markers",
      "Rule 'media' puts replicas in GLACIER: they can be read only once they are restored",
      "The replication role \(role) may not s3:ReplicateDelete on arn:aws:s3:::mosaic-media-dr/media/*",
      "Rule 'media' was 1800 s behind", "Rule 'media' failed to replicate",
    ] {
      #expect(drill.output.contains(finding), "\(finding): \(drill.output)\(drill.errors)")
    }
    // Emptied folders of other tests may be among them: unlike S3, SeaweedFS keeps those.
    let uncovered = drill.output.split(separator: "\n").first { $0.contains("No rule replicates") }
    for folder in ["'..a/'", "'emoji-\u{1f600}'", "'long/'"] {
      #expect(uncovered?.contains(folder) == true, "\(folder): \(drill.output)")
    }
    #expect(uncovered?.contains("'media/'") == false, "\(drill.output)")
    // The canary goes where the rule can take it.
    #expect(drill.output.contains("a canary took"))
  }

  /// Who may not read CloudWatch still learns the state of things, and that the figures are unknown.
  @Test func metricsThatMayNotBeReadAreUnknown() throws {
    try lab("deny", ["services": ["monitoring"]])
    let drill = try tool.run("drill", "--plan", try plan(["canary: true": "canary: false"]))
    #expect(drill.status == 0, "\(drill.errors)")
    #expect(
      drill.output.contains("The replication metrics of mosaic-media are unknown"),
      "\(drill.output)")
  }

  @Test func aBucketThatDoesNotKeepVersionsIsNamed() throws {
    for (bucket, region) in [("mosaic-media", "us-east-1"), ("mosaic-media-dr", "us-west-2")] {
      try lab.aws(
        "s3", region, "put_bucket_versioning",
        ["Bucket": bucket, "VersioningConfiguration": ["Status": "Suspended"]])
      let drill = try tool.run("drill", "--plan", try plan())
      #expect(drill.status == 4, "\(drill.output)")
      #expect(drill.errors.contains("the bucket does not keep versions"), "\(drill.errors)")
      #expect(drill.output.contains("\(bucket) in \(region)"), "\(drill.output)")
      #expect(drill.errors.contains("its versioning is Suspended"), "\(drill.errors)")
      try lab("reset")
    }
  }

  @Test func aBucketInAnotherRegionIsNamed() throws {
    let plan = try plan(["replica: mosaic-media-dr": "replica: mosaic-letters"])
    let drill = try tool.run("drill", "--plan", plan)
    #expect(drill.status == 4)
    #expect(drill.errors.contains("S3 says that it is in us-east-1"), "\(drill.errors)")
  }

  @Test func versionsAndDeleteMarkersAreComparedByTheirIdentifiers() throws {
    let bucket = "mosaic-letters"
    let put = { (key: String, text: String) -> Void in
      try lab.aws("s3", "us-east-1", "put_object", ["Bucket": bucket, "Key": key, "Body": text])
    }
    for text in ["one", "two", "three"] { try put("k/1", text) }
    try put("k/2 +%", "gone")
    for key in ["k/../up", "../out", "k/./same/."] { try put(key, key) }
    try lab.aws("s3", "us-east-1", "delete_object", ["Bucket": bucket, "Key": "k/2 +%"])
    try lab("replicate-versions")
    let plan = try plan(
      Self.impatient.merging([
        "source: mosaic-media": "source: \(bucket)",
        "replica: mosaic-media-dr": "replica: \(bucket)-dr",
        "compare: full": "compare: full\n        versions: true", "repair: copy": "repair: none",
      ]) { $1 })
    let same = try tool.run("drill", "--plan", plan)
    #expect(same.status == 0, "\(same.errors)")
    #expect(same.output.contains("8 objects, 8 the same."), "\(same.output)")

    try put("k/1", "four")
    // Other objects have these names once the dots are resolved.
    for key in ["up", "k/../up"] { try put(key, "late") }
    try lab.aws("s3", "us-east-1", "delete_object", ["Bucket": bucket, "Key": "k/1"])
    let behind = try tool.run("drill", "--plan", plan)
    #expect(behind.status == 4)
    #expect(behind.output.contains("12 objects, 8 the same, 4 missing"), "\(behind.output)")
    #expect(behind.output.contains("(a delete marker, "), "\(behind.output)")
  }

  @Test func inventoriesAreReadFromTheServer() throws {
    try lab.fallBehind(["late/1 +%"])
    let drill = try tool.run("drill", "--plan", try inventoryPlan(files: 3))
    #expect(drill.status == 4, "\(drill.errors)")
    #expect(drill.output.contains("208 objects, 207 the same, 1 missing"), "\(drill.output)")
    #expect(drill.output.contains("late/1 +%"))
  }

  /// A plan that compares reports of both buckets as they are now.
  func inventoryPlan(files: Int) throws -> String {
    let report = { (bucket: String, region: String) in
      let made = try lab("inventory", ["region": region, "bucket": bucket, "files": files])
      return "{bucket: \(made["bucket"] ?? ""), prefix: \(made["prefix"] ?? "")}"
    }
    let inventory = """
      compare: full
              inventory:
                source: \(try report("mosaic-media", "us-east-1"))
                replica: \(try report("mosaic-media-dr", "us-west-2"))
      """
    return try plan(Self.impatient.merging(["compare: full": inventory]) { $1 })
  }
}
