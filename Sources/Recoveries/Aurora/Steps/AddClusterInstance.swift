import AWSClient
import Platform
import RunEngine
import RunJournal

/// Gives the restored cluster an instance. The first one is its writer.
struct AddClusterInstance: RemovableStep {
  typealias Output = InstanceRecord

  static let kind = "aurora.add-instance"
  static let phase = StepPhase.recover

  struct Intent: Codable, Sendable, Equatable {
    let request: Untagged
    let tags: [String: String]
    let proof: OwnershipProof
    let decidedAt: Timestamp
  }

  struct Untagged: Codable, Sendable, Equatable {
    let identifier: String
    let cluster: String
    let engine: String
    let instanceClass: String
    let parameterGroup: String?
  }

  let aws: AWSAccess
  let instanceClass: String
  let parameterGroup: String?
  let tags: RunTags
  let clusterStep: String
  private let instance: MadeInstance

  init(
    aws: AWSAccess, identifier: String, instanceClass: String, parameterGroup: String?,
    tags: RunTags, clusterStep: String
  ) {
    self.aws = aws
    self.instanceClass = instanceClass
    self.parameterGroup = parameterGroup
    self.tags = tags
    self.clusterStep = clusterStep
    // Its storage is the cluster's, which was looked at.
    instance = MadeInstance(aws: aws, identifier: identifier, mustBeEncrypted: false)
  }

  var summary: String { "add instance \(instance.identifier) to the cluster" }
  var effects: [PlannedEffect] { [PlannedEffect(.creates, made)] }
  var removalSummary: String { "delete database instance \(instance.identifier)" }
  var made: String { instance.name }
  var cost: String { "RDS bills it by the hour until it is deleted." }
  var appearsWithin: Duration { MadeInstance.invisibleFor }
  var calls: [PlannedCall] {
    let request = CreateClusterInstance(
      identifier: instance.identifier, cluster: "<cluster>", engine: "<engine>",
      instanceClass: instanceClass, parameterGroup: parameterGroup, tags: tags.planned)
    return aws.watch(instance.identifier) + [
      aws.plan(request, tags: .onRequest)
        .waiting(with: aws.untilAvailable(instance.identifier))
    ]
  }
  var removalCalls: [PlannedCall] { instance.removalCalls }

  func prepare(_ context: StepContext) async throws -> Intent? {
    let cluster = try context.output(of: clusterStep, as: ClusterRecord.self)
    let request = Untagged(
      identifier: instance.identifier, cluster: cluster.identifier, engine: cluster.engine,
      instanceClass: instanceClass, parameterGroup: parameterGroup)
    let proof = try OwnershipProof(of: request, context)
    return Intent(
      request: request, tags: tags.tags(proof, context), proof: proof,
      decidedAt: context.time.now().wall)
  }

  func find(_ intent: Intent, _ context: StepContext) async throws -> Existing<InstanceIdentity> {
    try await instance.find(intent.proof, context)
  }

  func apply(_ intent: Intent, _ context: StepContext) async throws -> InstanceIdentity {
    let request = intent.request
    let made = try await aws.send(
      CreateClusterInstance(
        identifier: request.identifier, cluster: request.cluster, engine: request.engine,
        instanceClass: request.instanceClass, parameterGroup: request.parameterGroup,
        tags: intent.tags), context)
    return InstanceIdentity(identifier: request.identifier, resourceID: made.resourceID)
  }

  func observe(
    _ intent: Intent, _ identity: InstanceIdentity, _ context: StepContext
  ) async throws -> Observation<InstanceRecord> {
    try await instance.observe(identity, decidedAt: intent.decidedAt, context)
  }

  func unchanged(_ context: StepContext) async throws -> InstanceRecord {
    throw Problem(
      "an instance was not needed", on: context.step, because: "this cannot happen",
      fix: "This is a defect of this program: please report it.")
  }

  func remove(
    _ identity: InstanceIdentity, _ context: StepContext
  ) async throws -> Observation<Removed> {
    try await instance.remove(identity, context)
  }
}
