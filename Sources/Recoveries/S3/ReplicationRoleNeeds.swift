import AWSClient

/// Something that a role has to be allowed.
struct RoleNeed: Equatable {
  let actions: [String]
  let resource: String
  /// What conditions are tested against.
  var context: [String: String] = [:]

  func question(about role: String) -> SimulatePrincipalPolicy {
    SimulatePrincipalPolicy(
      principal: role, actions: actions, resources: [resource],
      context: context.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
  }
}

/// What the role has to be allowed that S3 replicates as (S3 User Guide, "Setting up permissions for live
/// replication" and "Replicating encrypted objects").
///
/// A role need not be allowed more than its rules cover: what stands under their prefixes is asked about.
struct ReplicationRoleNeeds {
  let source: S3Side
  let replica: S3Side
  let rules: [ReplicationRule]
  /// Nil while they are not known, as in a plan of the calls.
  let sourceSettings: CheckBuckets.Settings?
  let replicaSettings: CheckBuckets.Settings?

  var all: [RoleNeed] { [reading] + copying + decrypting + encrypting }

  private var reading: RoleNeed {
    RoleNeed(
      actions: ["s3:GetReplicationConfiguration", "s3:ListBucket"],
      resource: S3ARN.bucket(of: source))
  }

  private var copying: [RoleNeed] {
    // Retention and holds travel with an object (S3 User Guide, "Using Object Lock with replication").
    let locks =
      sourceSettings?.hasObjectLock == true
      ? ["s3:GetObjectRetention", "s3:GetObjectLegalHold"] : []
    return prefixes(of: rules).flatMap { prefix in
      let owner =
        rules.contains { $0.prefix == prefix && $0.changesOwner }
        ? ["s3:ObjectOwnerOverrideToBucketOwner"] : []
      return [
        RoleNeed(
          actions: [
            "s3:GetObjectVersionForReplication", "s3:GetObjectVersionAcl",
            "s3:GetObjectVersionTagging",
          ] + locks, resource: S3ARN.objects(prefix, of: source)),
        RoleNeed(
          actions: ["s3:ReplicateObject", "s3:ReplicateDelete", "s3:ReplicateTags"] + owner,
          resource: S3ARN.objects(prefix, of: replica)),
      ]
    }
  }

  private var decrypting: [RoleNeed] {
    let encrypted = rules.filter(\.replicatesKMS)
    guard !encrypted.isEmpty else { return [] }
    let keys = Set([sourceSettings?.encryptionKey].compactMap(source.keyARN) + source.keys).sorted()
    return keys.flatMap { key in
      prefixes(of: encrypted).map {
        use("kms:Decrypt", of: key, for: $0, in: source, sourceSettings)
      }
    }
  }

  private var encrypting: [RoleNeed] {
    rules.filter(\.replicatesKMS).compactMap { rule in
      [rule.replicaKey].compactMap(replica.keyARN).first.map {
        use("kms:Encrypt", of: $0, for: rule.prefix, in: replica, replicaSettings)
      }
    }.withoutRepeats
  }

  /// KMS is told what for: the object, or with a key of the bucket's own the bucket.
  private func use(
    _ action: String, of key: String, for prefix: String, in side: S3Side,
    _ settings: CheckBuckets.Settings?
  ) -> RoleNeed {
    RoleNeed(
      actions: [action], resource: key,
      context: [
        "kms:ViaService": AWSService.s3.keyUser(in: side.aws.region),
        "kms:EncryptionContext:aws:s3:arn": settings?.hasBucketKey == true
          ? S3ARN.bucket(of: side) : S3ARN.objects(prefix, of: side),
      ])
  }

  private func prefixes(of rules: [ReplicationRule]) -> [String] {
    rules.isEmpty ? [""] : Set(rules.map(\.prefix)).sorted()
  }
}

/// ARNs of S3 in the partition of a bucket's region.
private enum S3ARN {
  static func bucket(of side: S3Side) -> String {
    "arn:\(Partition(of: side.aws.region).name):s3:::\(side.bucket)"
  }

  static func objects(_ prefix: String, of side: S3Side) -> String {
    "\(bucket(of: side))/\(prefix)*"
  }
}

extension [RoleNeed] {
  fileprivate var withoutRepeats: [RoleNeed] {
    reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }
}
