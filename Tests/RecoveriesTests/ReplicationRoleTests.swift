import AWSClient
import HTTPClient
import Platform
import Testing

@testable import Recoveries

/// What is asked of the role that S3 replicates as, held against the policies of the S3 User Guide.
@Suite struct ReplicationRoleTests {
  private static let keys = ["us-east-1", "us-west-2"].map {
    "arn:aws:kms:\($0):123456789012:key/1234"
  }

  private let client: AWSClient

  init() throws {
    let environment = ["AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"]
    client = AWSClient(
      settings: try AWSSettings(environment: environment), http: HTTPClient(),
      credentials: CredentialChain([EnvironmentCredentials(environment: environment)]),
      time: SystemTime(), random: SystemRandom(), version: "0")
  }

  private func settings(
    key: String? = nil, hasBucketKey: Bool = false, locks: Bool = false
  ) -> CheckBuckets.Settings {
    CheckBuckets.Settings(
      bucket: "media", region: nil, versioning: "Enabled", encryption: nil, encryptionKey: key,
      hasBucketKey: hasBucketKey, ownership: nil, hasObjectLock: locks,
      isPublicAccessBlocked: true)
  }

  private func rule(_ prefix: String = "", key: String? = nil) -> ReplicationRule {
    var rule = ReplicationRule()
    rule.prefix = prefix
    rule.replicatesKMS = key != nil
    rule.replicaKey = key
    return rule
  }

  private func needs(
    _ rules: [ReplicationRule], source: CheckBuckets.Settings? = nil,
    replica: CheckBuckets.Settings? = nil, sourceKeys: [String] = [], replicaKeys: [String] = [],
    region: String = "us-east-1"
  ) -> [RoleNeed] {
    ReplicationRoleNeeds(
      source: S3Side("media", client, region: region, keys: sourceKeys),
      replica: S3Side("media-dr", client, region: "us-west-2", keys: replicaKeys), rules: rules,
      sourceSettings: source, replicaSettings: replica
    ).all
  }

  private static let plain = [
    RoleNeed(
      actions: ["s3:GetReplicationConfiguration", "s3:ListBucket"], resource: "arn:aws:s3:::media"),
    RoleNeed(
      actions: [
        "s3:GetObjectVersionForReplication", "s3:GetObjectVersionAcl",
        "s3:GetObjectVersionTagging",
      ], resource: "arn:aws:s3:::media/*"),
    RoleNeed(
      actions: ["s3:ReplicateObject", "s3:ReplicateDelete", "s3:ReplicateTags"],
      resource: "arn:aws:s3:::media-dr/*"),
  ]

  @Test func whatIsNotEncryptedNeedsThatAndNoMore() {
    #expect(needs([]) == Self.plain)
    // A key that no rule opts in to is none of the role's.
    #expect(needs([rule()], source: settings(key: Self.keys[0])) == Self.plain)
  }

  @Test func aRoleIsAskedAboutWhatItsRulesCover() {
    let resources = needs([rule("a/"), rule("b/"), rule("a/")]).map(\.resource)
    #expect(
      resources == [
        "arn:aws:s3:::media", "arn:aws:s3:::media/a/*", "arn:aws:s3:::media-dr/a/*",
        "arn:aws:s3:::media/b/*", "arn:aws:s3:::media-dr/b/*",
      ])
  }

  @Test func retentionAndHoldsOfLockedObjectsAreReadAtTheSource() {
    let added = needs([rule()], source: settings(locks: true)).flatMap { need in
      need.actions.filter { !Self.plain.flatMap(\.actions).contains($0) }.map {
        "\($0) \(need.resource)"
      }
    }
    #expect(
      added == [
        "s3:GetObjectRetention arn:aws:s3:::media/*", "s3:GetObjectLegalHold arn:aws:s3:::media/*",
      ])
    // A lock of the replica alone asks nothing of the role.
    #expect(needs([rule()], replica: settings(locks: true)) == Self.plain)
  }

  @Test func theOwnerIsChangedAtTheReplica() {
    var rule = rule("a/")
    rule.changesOwner = true
    let need = needs([rule]).first {
      $0.actions.contains("s3:ObjectOwnerOverrideToBucketOwner")
    }
    #expect(need?.resource == "arn:aws:s3:::media-dr/a/*")
  }

  /// The source's key decrypts and the key of the rule encrypts, each through S3 in its own region and for
  /// the objects of its own bucket.
  @Test func keysAreUsedThroughS3ForTheObjects() {
    let found = needs([rule("a/", key: Self.keys[1])], source: settings(key: Self.keys[0]))
    #expect(
      found.suffix(2) == [
        RoleNeed(
          actions: ["kms:Decrypt"], resource: Self.keys[0],
          context: [
            "kms:ViaService": "s3.us-east-1.amazonaws.com",
            "kms:EncryptionContext:aws:s3:arn": "arn:aws:s3:::media/a/*",
          ]),
        RoleNeed(
          actions: ["kms:Encrypt"], resource: Self.keys[1],
          context: [
            "kms:ViaService": "s3.us-west-2.amazonaws.com",
            "kms:EncryptionContext:aws:s3:arn": "arn:aws:s3:::media-dr/a/*",
          ]),
      ])
  }

  /// With a key of the bucket's own, KMS is told the bucket in place of the object.
  @Test func aBucketKeyIsUsedForTheBucket() {
    let found = needs(
      [rule("a/", key: Self.keys[1])], source: settings(key: Self.keys[0], hasBucketKey: true),
      replica: settings(hasBucketKey: true))
    #expect(
      found.suffix(2).compactMap { $0.context["kms:EncryptionContext:aws:s3:arn"] } == [
        "arn:aws:s3:::media", "arn:aws:s3:::media-dr",
      ])
  }

  /// Policies know keys by their ARNs; S3 also names them by identifier and by alias.
  @Test func keysThatThePlanStatesAreAskedAboutToo() {
    let decrypted = { (key: String?, stated: [String]) in
      needs([rule(key: Self.keys[1])], source: settings(key: key), sourceKeys: stated)
        .filter { $0.actions == ["kms:Decrypt"] }.map(\.resource)
    }
    #expect(decrypted("1234", [Self.keys[0]]) == [Self.keys[0]])
    #expect(decrypted("alias/a", [Self.keys[0]]) == [Self.keys[0]])
    #expect(decrypted("alias/a", []) == [])
    let older = Self.keys[0] + "-older"
    #expect(decrypted(Self.keys[0], [older]) == [Self.keys[0], older])
    let encrypted = needs([rule(key: "1234")], replicaKeys: [Self.keys[1]])
    #expect(encrypted.last?.resource == Self.keys[1])
  }

  @Test func otherPartitionsHaveOtherNames() {
    #expect(needs([], region: "cn-north-1").first?.resource == "arn:aws-cn:s3:::media")
  }

  @Test func keysAreTheSameWhateverNamesThem() {
    let name = { (text: String) in KMSKeyName(text) }
    #expect(!name(Self.keys[0]).isOther(than: name("1234")))
    #expect(name(Self.keys[0]).isOther(than: name("12345")))
    // The replica of a multi-Region key has its identifier, and is another key to S3.
    #expect(name(Self.keys[0]).isOther(than: name(Self.keys[1])))
    #expect(!name("alias/a").isOther(than: name("1234")))
    #expect(name(Self.keys[1]).region == "us-west-2" && name("1234").region == nil)
  }
}
