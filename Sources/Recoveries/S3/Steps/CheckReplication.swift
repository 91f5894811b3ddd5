import AWSClient
import BucketComparison
import Platform
import RunEngine
import RunJournal

/// Checks what the replication configuration of a bucket promises, and what it leaves out.
struct CheckReplication: ObservingStep {
  static let kind = "s3.check-replication"
  static let phase = StepPhase.prepare

  struct Output: Codable, Sendable {
    let role: String
    /// The enabled rules to the replica, the ones that count most first.
    let rules: ReplicationRules
  }

  let source: S3Side
  let replica: S3Side
  let prefixes: [String]
  let maximumLag: Duration
  let bucketsStep: String

  var summary: String { "check the replication from \(source.bucket) to \(replica.bucket)" }
  var calls: [PlannedCall] {
    [source.aws.plan(GetBucketReplication(bucket: source.bucket))]
      + needs(of: [], source: nil).map {
        source.aws.plan($0.question(about: "<replication role>"))
      }
  }

  func observe(_ context: StepContext) async throws -> Observation<Output> {
    guard
      let configuration = try await source.setting(
        GetBucketReplication(bucket: source.bucket),
        absentWhen: "ReplicationConfigurationNotFoundError", in: context)
    else { throw notReplicated("the bucket has no replication configuration") }
    let rules = ReplicationRules(configuration.rules, to: replica.bucket)
    guard !rules.rules.isEmpty else {
      throw notReplicated(
        "none of its \(configuration.rules.count) rules is enabled and leads there")
    }
    let buckets = try context.output(of: bucketsStep, as: CheckBuckets.Output.self)
    noteGaps(rules, encryption: buckets.buckets.first?.encryption, context)
    try await checkRole(
      configuration.role, needs(of: rules.rules, source: buckets.buckets.first), context)
    return .ready(Output(role: configuration.role, rules: rules))
  }

  private func noteGaps(_ rules: ReplicationRules, encryption: String?, _ context: StepContext) {
    let uncovered = rules.uncovered(among: prefixes.isEmpty ? [""] : prefixes)
    if !uncovered.isEmpty {
      let shown = uncovered.map { $0.isEmpty ? "part of the bucket" : "'\($0)'" }
      context.note(
        Finding(
          .warning, "No rule replicates \(shown.joined(separator: ", ")) of \(source.bucket)."))
    }
    for rule in rules.rules {
      if encryption?.hasPrefix("aws:kms") ?? false, !rule.replicatesKMS {
        context.note(
          Finding(
            .exception,
            "Rule '\(rule.id)' leaves out what is encrypted with KMS, as \(source.bucket) does by "
              + "default."))
      }
      replica.noteUnstated(rule.replicaKey, of: "Rule '\(rule.id)'", context)
      if !rule.replicatesDeleteMarkers {
        context.note(Finding(.note, "Rule '\(rule.id)' does not replicate delete markers."))
      }
      if !rule.hasMetrics {
        context.note(Finding(.note, "Rule '\(rule.id)' publishes no metrics."))
      }
      if let minutes = rule.timeControlMinutes, .seconds(minutes * 60) > maximumLag {
        context.note(
          Finding(
            .note,
            "Replication Time Control promises \(minutes) minutes, and the plan allows "
              + "\(maximumLag.readable)."))
      }
    }
  }

  /// What the replication role has to be allowed.
  private struct Need {
    let actions: [String]
    let resource: String
    /// What conditions are tested against.
    var context: [(key: String, value: String)] = []

    func question(about role: String) -> SimulatePrincipalPolicy {
      SimulatePrincipalPolicy(
        principal: role, actions: actions, resources: [resource], context: context)
    }
  }

  /// S3 User Guide, "Setting up permissions for live replication" and "Replicating encrypted objects".
  private func needs(of rules: [ReplicationRule], source settings: CheckBuckets.Settings?) -> [Need]
  {
    let partition = Partition(of: source.aws.region).name
    let locks =
      settings?.hasObjectLock == true ? ["s3:GetObjectRetention", "s3:GetObjectLegalHold"] : []
    let owner = rules.contains(where: \.changesOwner) ? ["s3:ObjectOwnerOverrideToBucketOwner"] : []
    let buckets = [
      Need(
        actions: ["s3:GetReplicationConfiguration", "s3:ListBucket"],
        resource: "arn:\(partition):s3:::\(source.bucket)"),
      Need(
        actions: [
          "s3:GetObjectVersionForReplication", "s3:GetObjectVersionAcl",
          "s3:GetObjectVersionTagging",
        ] + locks, resource: "arn:\(partition):s3:::\(source.bucket)/*"),
      Need(
        actions: ["s3:ReplicateObject", "s3:ReplicateDelete", "s3:ReplicateTags"] + owner,
        resource: "arn:\(partition):s3:::\(replica.bucket)/*"),
    ]
    let encrypted = rules.filter(\.replicatesKMS)
    let keys =
      encrypted.isEmpty
      ? []
      : [("kms:Decrypt", settings?.encryptionKey, source)]
        + encrypted.map { ("kms:Encrypt", $0.replicaKey, replica) }
    return buckets
      + keys.compactMap { action, key, side in
        // A key that is not named by its ARN cannot be asked about.
        guard let key, key.hasPrefix("arn:") else { return nil }
        return Need(
          actions: [action], resource: key,
          context: [("kms:ViaService", AWSService.s3.keyUser(in: side.aws.region))])
      }
  }

  /// Asks IAM what the role may do.
  private func checkRole(_ role: String, _ needs: [Need], _ context: StepContext) async throws {
    do {
      for need in needs {
        let denied = try await source.aws.send(need.question(about: role), context)
          .filter { !$0.isAllowed }
        guard !denied.isEmpty else { continue }
        context.note(
          Finding(
            .warning,
            "The replication role \(role) may not \(denied.map(\.action).joined(separator: ", ")) "
              + "on \(need.resource)."))
      }
    } catch let error as AWSError where !error.isTransient {
      context.note(
        Finding(.note, "What the replication role may do was not looked up: \(error.reason)."))
    }
  }

  private func notReplicated(_ reason: String) -> Problem {
    Problem(
      "the bucket is not replicated", on: "\(source.bucket) to \(replica.bucket)", because: reason,
      fix: "Add an enabled rule with destination \(replica.bucket), or correct the plan.")
  }
}
