import AWSClient
import BucketComparison
import Platform
import RunEngine
import RunJournal

/// Checks what the replication configuration of a bucket promises, and what it leaves out.
struct CheckReplication: ObservingStep {
  static let kind = "s3.check-replication"
  static let phase = StepPhase.prepare
  /// How many prefixes without a rule a finding names.
  private static let shownNames = 20

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
      + (prefixes.isEmpty ? source.listingCalls.map { $0.byProgramAlone() } : [])
      + [source.aws.plan(GetRole(name: "<name of the role>"))]
      + roleNeeds([], nil).map { source.aws.plan($0.question(about: "<replication role>")) }
  }

  func observe(_ context: StepContext) async throws -> Observation<Output> {
    guard
      let configuration = try await source.setting(
        GetBucketReplication(bucket: source.bucket), context)
    else { throw notReplicated("the bucket has no replication configuration") }
    let rules = ReplicationRules(configuration.rules, to: replica.bucket)
    guard !rules.rules.isEmpty else {
      throw notReplicated(
        "none of its \(configuration.rules.count) rules is enabled and leads there")
    }
    let buckets = try context.output(of: bucketsStep, as: CheckBuckets.Output.self)
    try await noteUncovered(rules, context)
    noteGaps(rules, encryption: buckets.buckets.first?.encryption, context)
    for rule in rules.rules { noteKey(of: rule, replica: buckets.buckets.last, context) }
    try await checkTrust(in: configuration.role, context)
    try await checkRole(configuration.role, roleNeeds(rules.rules, buckets), context)
    return .ready(Output(role: configuration.role, rules: rules))
  }

  /// Without prefixes of the plan's own, the bucket is asked for its folders.
  private func noteUncovered(_ rules: ReplicationRules, _ context: StepContext) async throws {
    guard prefixes.isEmpty else {
      note("No rule replicates", rules.uncovered(among: prefixes), context)
      return
    }
    guard !rules.uncovered(among: [""]).isEmpty else { return }
    let found = try await PrefixSurvey(of: source.listing(context), rules: rules).run()
    let own = [SendCanary.folder, BatchManifest.folder].map { "\($0)/" }
    note("No rule replicates", found.uncovered.filter { !own.contains($0) }, context)
    note("Only what has certain tags is replicated of", found.tagged, context)
    if found.isPartial {
      context.note(
        Finding(
          .note,
          "\(source.bucket) has too many folders to look at all of them: name prefixes in the plan."
        ))
    }
  }

  private func note(_ what: String, _ names: [String], _ context: StepContext) {
    guard !names.isEmpty else { return }
    context.note(
      Finding(
        .warning, "\(what) \(names.quoted(atMost: Self.shownNames)) of \(source.bucket)."))
  }

  private func noteGaps(_ rules: ReplicationRules, encryption: String?, _ context: StepContext) {
    for rule in rules.rules {
      if encryption?.hasPrefix("aws:kms") ?? false, !rule.replicatesKMS {
        context.note(
          Finding(
            .exception,
            "Rule '\(rule.id)' leaves out what is encrypted with KMS, as \(source.bucket) does by "
              + "default."))
      }
      if let name = rule.replicaStorageClass, let hours = StorageClasses.thawing[name] {
        context.note(
          Finding(
            .exception,
            "Rule '\(rule.id)' puts replicas in \(name): they can be read only once they are restored, "
              + "which takes \(hours)."))
      }
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

  /// Replicas have the key that the rule names, whatever the bucket encrypts with by default.
  private func noteKey(
    of rule: ReplicationRule, replica settings: CheckBuckets.Settings?, _ context: StepContext
  ) {
    guard rule.replicatesKMS, let key = rule.replicaKey else { return }
    replica.noteUnstated(key, of: "Rule '\(rule.id)'", context)
    if let region = KMSKeyName(key).region, region != replica.aws.region {
      context.note(
        Finding(
          .exception,
          "Rule '\(rule.id)' encrypts replicas with KMS key \(key), which is in \(region): S3 replicates "
            + "to \(replica.bucket) with a key in \(replica.aws.region) alone."))
    }
    if let other = settings?.encryptionKey, KMSKeyName(key).isOther(than: KMSKeyName(other)) {
      context.note(
        Finding(
          .note,
          "Rule '\(rule.id)' encrypts replicas with KMS key \(key), and \(replica.bucket) what is "
            + "written there with \(other): who is led over needs both."))
    }
  }

  private func roleNeeds(
    _ rules: [ReplicationRule], _ buckets: CheckBuckets.Output?
  ) -> [RoleNeed] {
    ReplicationRoleNeeds(
      source: source, replica: replica, rules: rules, sourceSettings: buckets?.buckets.first,
      replicaSettings: buckets?.buckets.last
    ).all
  }

  /// S3 replicates as the role, which has to let it (S3 User Guide, "Setting up permissions for live replication").
  private func checkTrust(in role: String, _ context: StepContext) async throws {
    do {
      let trust = try await source.aws.send(GetRole(arn: role), context)
      if !trust.services.contains(Self.service) {
        context.note(
          Finding(
            .warning,
            "The replication role \(role) does not trust \(Self.service): S3 cannot take it on, and replicates nothing."
          ))
      }
    } catch let error as AWSError where !error.isTransient {
      context.note(
        Finding(.note, "Whom the replication role trusts was not looked up: \(error.reason)."))
    }
  }

  private static let service = "s3.amazonaws.com"

  /// Asks IAM what the role may do.
  private func checkRole(_ role: String, _ needs: [RoleNeed], _ context: StepContext) async throws {
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
