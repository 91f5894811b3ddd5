import AWSClient
import Platform
import RunEngine
import RunJournal
import StrictJSON

/// Lets AWS Backup make a new instance from a recovery point, and gives it this run's tags: a restore
/// job takes none. Until then the job, which answers to our token, proves whose the instance is.
struct RestoreFromBackup: RemovableStep {
  typealias Output = InstanceRecord

  static let kind = "rds.restore-from-backup"
  static let phase = StepPhase.recover
  /// More pages than this are not the restore jobs of an hour but a mistake.
  private static let maximumPages = 100

  struct Intent: Codable, Sendable, Equatable {
    let identifier: String
    let point: String
    let metadata: [String: String]
    let tags: [String: String]
    let proof: OwnershipProof
    let decidedAt: Timestamp
  }

  struct Identity: Codable, Sendable, Equatable {
    let job: String
    let tags: [String: String]
  }

  let aws: AWSAccess
  let target: RestoreTarget
  let tags: RunTags
  let role: String
  let recoveryPointStep: String
  /// The step that looked at the instance that is lost, when it decides about a standby.
  let standbyLike: String?
  private let instance: MadeInstance
  private let readiness: InstanceReadiness

  init(
    aws: AWSAccess, identifier: String, target: RestoreTarget, tags: RunTags, role: String,
    mustBeEncrypted: Bool, recoveryPointStep: String, standbyLike: String?
  ) {
    self.aws = aws
    self.target = target
    self.tags = tags
    self.role = role
    self.recoveryPointStep = recoveryPointStep
    self.standbyLike = standbyLike
    instance = MadeInstance(aws: aws, identifier: identifier, mustBeEncrypted: mustBeEncrypted)
    readiness = InstanceReadiness(aws: aws, mustBeEncrypted: mustBeEncrypted)
  }

  var summary: String { "restore database instance \(instance.identifier) with AWS Backup" }
  var effects: [PlannedEffect] { [PlannedEffect(.creates, made)] }
  var removalSummary: String { "delete database instance \(instance.identifier)" }
  var made: String { instance.name }
  var cost: String { MadeInstance.cost }
  var appearsWithin: Duration { MadeInstance.invisibleFor }
  var calls: [PlannedCall] {
    [
      aws.plan(GetRecoveryPointRestoreMetadata(vault: "<vault>", point: "<recovery point>"))
        .keeping(.init(in: Self.metadataFile)),
      aws.plan(
        StartRestoreJob(
          point: "<recovery point>", metadata: [:], role: role,
          token: "by-hand-<$(date +%Y%m%d%H%M%S)>")
      ).taking(metadataByHand).finding(.init("job", at: "RestoreJobId"))
        .waiting(with: untilEndOfJob, aws.untilAvailable(instance.identifier)),
      aws.plan(DescribeRestoreJob(job: "<job>")).finding(
        .init("ARN of the instance", at: "CreatedResourceArn")),
      tagging(isOptional: false), aws.locate(instance.identifier),
    ] + search + aws.watch(instance.identifier).dropFirst()
  }
  var removalCalls: [PlannedCall] {
    [aws.plan(DescribeRestoreJob(job: "<job>"), isOptional: true), tagging(isOptional: true)]
      + search + instance.removalCalls
  }
  /// By which a job is found whose identifier was lost with the answer.
  private var search: [PlannedCall] {
    [
      aws.plan(ListRestoreJobs(since: Timestamp(unixSeconds: 0)), isOptional: true),
      aws.plan(GetRestoreJobMetadata(job: "<job>"), isOptional: true),
    ]
  }
  private func tagging(isOptional: Bool) -> PlannedCall {
    aws.planTagging(
      .instance, instance.identifier, tags.planned, arn: "<ARN of the instance>",
      isOptional: isOptional)
  }
  private static let metadataFile = "<step>.metadata.json"
  /// A job has no waiter of its own, and nobody knows the instance before it is at work on it.
  private var untilEndOfJob: [String] {
    let look = aws.plan(DescribeRestoreJob(job: "<job>")).command.joined(separator: " ")
    return [
      "timeout", "6h", "bash", "-c",
      "until \(look) --query Status --output text | grep -E 'COMPLETED|FAILED|ABORTED'; do sleep 15; done",
    ]
  }
  /// The same metadata as ``edited(_:for:)`` makes.
  private var metadataByHand: PlannedCall.Taken {
    var edits = JSONObject()
    for (name, value) in ((try? changes(for: target)) ?? [:]).sorted(by: { $0.key < $1.key }) {
      edits[name] = value.map { .string($0) } ?? .null
    }
    let source = standbyLike.map { [SourceByHand(sourceStep: $0).file] } ?? []
    let multiAZ = ".[1].DBInstances[0].MultiAZ | if . == null then {} else {MultiAZ: tostring} end"
    let program = """
      .[0].RestoreMetadata + \(JSONValue.object(edits).prettyText())
      + (\(source.isEmpty ? "{}" : multiAZ)) | {Metadata: with_entries(select(.value != null))}
      """
    return PlannedCall.Taken(
      of: [Self.metadataFile] + source,
      by: source.isEmpty ? "[.] | \(program)" : program, in: "<step>.job.json")
  }

  func prepare(_ context: StepContext) async throws -> Intent? {
    let point = try context.output(of: recoveryPointStep, as: RDSRecoveryPoint.self)
    guard case .snapshot(let arn) = point.source, let vault = point.vault else {
      throw Problem(
        "there is no recovery point of AWS Backup", on: point.name,
        because: "the recovery point is another", fix: "This is a defect: please report it.")
    }
    let found = try await aws.send(
      GetRecoveryPointRestoreMetadata(vault: vault, point: arn), context)
    let metadata = try edited(found, for: try target.withStandby(like: standbyLike, context))
    let proof = try OwnershipProof(
      of: Untagged(identifier: instance.identifier, point: arn, metadata: metadata), context)
    return Intent(
      identifier: instance.identifier, point: arn, metadata: metadata,
      tags: tags.tags(proof, context), proof: proof, decidedAt: context.time.now().wall)
  }

  /// A job tells neither its token nor its tags, but what it was asked to make, under a name that only
  /// this run gives.
  func find(_ intent: Intent, _ context: StepContext) async throws -> Existing<Identity> {
    for job in try await jobs(from: intent, context) {
      let metadata = try await aws.send(GetRestoreJobMetadata(job: job.identifier), context)
      guard metadata["DBInstanceIdentifier"]?.lowercased() == intent.identifier else { continue }
      return .ours(Identity(job: job.identifier, tags: intent.tags))
    }
    return .absent
  }

  private func jobs(
    from intent: Intent, _ context: StepContext
  ) async throws -> [ListRestoreJobs.Job] {
    let jobs = try await collectPages(atMost: Self.maximumPages) { token in
      let page = try await aws.send(
        // The clocks of the two need not agree.
        ListRestoreJobs(since: intent.decidedAt - .seconds(300), from: token), context)
      return (page.jobs, page.token)
    }
    return jobs.filter { $0.point == intent.point && $0.role == role }
  }

  func apply(_ intent: Intent, _ context: StepContext) async throws -> Identity {
    let job = try await aws.send(
      StartRestoreJob(
        point: intent.point, metadata: intent.metadata, role: role,
        token: "\(context.run)-\(intent.proof.requestDigest.prefix(32))"), context)
    return Identity(job: job, tags: intent.tags)
  }

  func observe(
    _ intent: Intent, _ identity: Identity, _ context: StepContext
  ) async throws -> Observation<InstanceRecord> {
    let job = try await aws.send(DescribeRestoreJob(job: identity.job), context)
    switch job.status {
    case "FAILED", "ABORTED": throw failed(identity, job)
    case "COMPLETED": break
    default:
      readiness.reset()
      return .waiting(Progress("job \(job.status.lowercased())", percent: job.percent))
    }
    // That the job is complete says that the instance was made, not that it can be used.
    guard let found = try await made(by: job, identity, context) else {
      return .waiting(Progress("not visible yet"))
    }
    return try await readiness.judge(found, context)
  }

  func remove(_ identity: Identity, _ context: StepContext) async throws -> Observation<Removed> {
    let job = try await aws.send(DescribeRestoreJob(job: identity.job), context)
    guard ["COMPLETED", "FAILED", "ABORTED"].contains(job.status) else {
      return .waiting(Progress("job \(job.status.lowercased()), cannot be stopped"))
    }
    if job.createdResource == nil { return .ready(.nothing(because: "the job made nothing")) }
    guard let found = try await made(by: job, identity, context)
    else { return .ready(Removed(what: made)) }
    return try await instance.remove(
      InstanceIdentity(identifier: found.identifier, resourceID: found.resourceID), context)
  }

  /// The instance that the job made, tagged as ours; nil while it is not to be seen.
  private func made(
    by job: RestoreJob, _ identity: Identity, _ context: StepContext
  ) async throws -> DBInstance? {
    guard let found = try await aws.instance(instance.identifier, context), let arn = found.arn
    else { return nil }
    guard arn == job.createdResource else {
      throw RDSProblems.notOurs(
        found.identifier, region: aws.region,
        because: "job \(identity.job) made \(job.createdResource ?? "nothing")")
    }
    if found.tags[OwnershipTags.run] == nil {
      try await aws.send(AddTagsToResource(arn: arn, tags: identity.tags), context)
      return try await aws.instance(instance.identifier, context)
    }
    return found
  }

  /// What the recovery point says of the instance, with what the plan says in its place.
  private func edited(
    _ found: [String: String], for target: RestoreTarget
  ) throws -> [String: String] {
    try changes(for: target).reduce(into: found) { $0[$1.key] = $1.value }
  }

  /// What is put in the place of what the recovery point says; nil takes it away.
  private func changes(for target: RestoreTarget) throws -> [String: String?] {
    let groups = JSONValue.array(target.securityGroups.map { .string($0) })
    let always: [String: String?] = [
      "DBInstanceIdentifier": instance.identifier, "DBSubnetGroupName": target.subnetGroup,
      "VpcSecurityGroupIds": String(decoding: try groups.canonicalBytes(), as: UTF8.self),
      "MultiAZ": String(target.multiAZ ?? false),
      "PubliclyAccessible": String(target.publiclyAccessible), "DeletionProtection": "false",
      "EnableIAMDatabaseAuthentication": String(target.iamAuthentication),
      // A zone of the lost region means nothing here.
      "AvailabilityZone": String?.none,
    ]
    let asked = [
      "DBInstanceClass": target.instanceClass, "DBParameterGroupName": target.parameterGroup,
      "OptionGroupName": target.optionGroup, "Port": target.port.map { String($0) },
      "StorageType": target.storageType, "Iops": target.iops.map { String($0) },
    ]
    return always.merging(asked.compactMapValues { $0 }) { _, asked in asked }
  }

  private func failed(_ identity: Identity, _ job: RestoreJob) -> Problem {
    Problem(
      "AWS Backup did not restore the instance", on: "job \(identity.job) in \(aws.region)",
      because: "its status is \(job.status)\(job.message.map { ": \($0)" } ?? "")",
      fix: "Mend what the message names (often the role's rights), then run the plan again.")
  }

  private struct Untagged: Encodable {
    let identifier: String
    let point: String
    let metadata: [String: String]
  }
}
