import AWSClient
import HTTPClient
import Platform
import RecoveryPlan
import RunEngine
import RunJournal
import Testing

@testable import Recoveries

/// What may be done with the KMS keys that a plan states for its buckets.
@Suite struct S3PermissionTests {
  private static let keys = ["source", "replica", "target"].map { name in
    "arn:aws:kms:us-\(name == "source" ? "east-1" : "west-2"):123456789012:key/\(name)"
  }

  private func client() throws -> AWSClient {
    let environment = ["AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"]
    return AWSClient(
      settings: try AWSSettings(environment: environment), http: HTTPClient(),
      credentials: CredentialChain([EnvironmentCredentials(environment: environment)]),
      time: SystemTime(), random: SystemRandom(), version: "0")
  }

  private func read(_ fields: String) -> (plan: RecoveryPlan?, diagnostics: [Diagnostic]) {
    readPlan("name: media\ns3: {source: media, replica: media-dr, \(fields)}")
  }

  private func lowering(_ fields: String, _ mode: RunMode) throws -> Lowering {
    let (plan, diagnostics) = read(fields)
    #expect(diagnostics.isEmpty, "\(diagnostics.map(\.rendered))")
    let (time, random) = (SystemTime(), SystemRandom())
    return Lowering(
      plan: try #require(plan), mode: mode, run: ULID(at: time.now().wall, random: random),
      pointInTime: nil, client: try client(), environment: [:],
      clusters: ClusterDirectory(
        http: HTTPClient(), environment: [:], time: time, random: random, version: "0"))
  }

  /// What each step may do with keys: `Decrypt source us-east-1`.
  private func uses(_ fields: String, _ mode: RunMode = .drill) throws -> [String: Set<String>] {
    let stated = """
      sourceKeys: ["\(Self.keys[0])"], replicaKeys: ["\(Self.keys[1])"], \(fields)
      """
    return try lowering(stated, mode).nodes().reduce(into: [:]) { found, node in
      let permissions = node.calls.flatMap(\.permissions).filter { $0.action.hasPrefix("kms:") }
      for permission in permissions {
        let through = permission.conditions.map { "\($0.test) \($0.key) \($0.value)" }
        for resource in permission.resources {
          let region = resource.split(separator: ":")[3]
          #expect(through == ["StringEquals kms:ViaService s3.\(region).amazonaws.com"])
          found[node.id, default: []].insert(
            "\(permission.action.dropFirst(4)) \(resource.split(separator: "/")[1])")
        }
      }
    }
  }

  @Test func aCanaryIsEncryptedAtTheSourceAndReadOnBothSides() throws {
    let read: Set = ["Decrypt source", "Decrypt replica"]
    #expect(
      try uses("canary: true, compare: none") == [
        "media.canary": read.union(["GenerateDataKey source"]), "media.canary-cleanup": read,
      ])
    #expect(try uses("compare: none") == [:])
  }

  /// The checksums that objects are compared by are encrypted with them.
  @Test func aComparisonReadsAndNoMore() throws {
    for compare in ["full", "{sample: 100}"] {
      #expect(
        try uses("compare: \(compare)") == ["media.compare": ["Decrypt source", "Decrypt replica"]])
    }
  }

  @Test func aRepairReadsTheSourceAndWritesTheReplica() throws {
    let found = try uses("repair: copy", .restore)
    #expect(
      found["media.repair"] == [
        "Decrypt source", "Decrypt replica", "GenerateDataKey replica",
      ])
    #expect(found["media.compare-again"] == ["Decrypt source", "Decrypt replica"])
  }

  @Test func aRehydrationReadsTheReplicaAndWritesTheTarget() throws {
    let rehydrate = "rehydrate: {target: media-new, targetKeys: [\"\(Self.keys[2])\"], drill: [a/]}"
    let restore = try uses(rehydrate, .restore)
    #expect(
      restore["media.rehydrate"] == [
        "Decrypt replica", "Decrypt target", "GenerateDataKey target",
      ])
    #expect(restore.values.allSatisfy { !$0.contains { $0.hasSuffix("source") } })
    // A drill's own bucket is encrypted with S3's keys.
    #expect(try uses(rehydrate)["media.rehydrate"] == ["Decrypt replica"])
  }

  @Test func reportsOfInventoriesAreReadWithTheKeysThatTheyHave() throws {
    let place = { (name: String, key: String) in
      "{bucket: \(name), prefix: a/, keys: [\"\(key)\"]}"
    }
    let keys = Self.keys.map { "\($0)-reports" }
    let found = try uses(
      "inventory: {source: \(place("lists", keys[0])), replica: \(place("lists-dr", keys[1]))}")
    #expect(
      found == [
        "media.compare": [
          "Decrypt source", "Decrypt replica", "Decrypt source-reports", "Decrypt replica-reports",
        ]
      ])
    let diagnostics = read("inventory: {source: \(place("lists", "alias/a"))}").diagnostics
    #expect(diagnostics.contains { $0.message.contains("ARN of a KMS key") })
  }

  @Test func aKeyOfThePlanIsKnownByItsIdentifierToo() throws {
    let side = S3Side("media", try client(), region: "us-east-1", keys: [Self.keys[0]])
    #expect(side.states(Self.keys[0]) && side.states("source") && side.states("alias/any"))
    #expect(!side.states(Self.keys[1]) && !side.states("urce"))
    let other = S3Side("media", try client(), region: "us-east-1")
    #expect(!other.states("alias/any"))
    #expect(other.states("arn:aws:kms:us-east-1:123456789012:alias/aws/s3"))
  }

  @Test func whatIsNoKeyIsRefused() throws {
    for text in ["alias/mosaic", "arn:aws:kms:us-east-1:123456789012:alias/mosaic", "1234abcd"] {
      let diagnostics = read("sourceKeys: [\"\(text)\"]").diagnostics
      #expect(diagnostics.first?.message.contains("ARN of a KMS key") == true, "\(text)")
    }
  }

  @Test func bucketsThatADeadDrillLeftMayBeFoundEmptiedAndDeleted() throws {
    let search = OrphanSearch(
      client: try client(), region: "us-west-2", time: SystemTime(), random: SystemRandom())
    let permissions = search.calls.flatMap(\.permissions)
    for action in [
      "tag:GetResources", "s3:GetBucketTagging", "s3:ListBucketVersions",
      "s3:DeleteObjectVersion", "s3:DeleteBucket",
    ] {
      #expect(permissions.contains { $0.action == action }, "\(action)")
    }
    let deletions = permissions.filter { $0.action.hasPrefix("s3:Delete") }.flatMap(\.resources)
    #expect(Set(deletions) == ["arn:aws:s3:::*-drill-*/*", "arn:aws:s3:::*-drill-*"])
  }
}
