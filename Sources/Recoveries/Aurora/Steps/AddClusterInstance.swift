import AWSClient
import Platform
import RunEngine
import RunJournal

/// Gives the restored cluster an instance, with the settings that the plan states, and for the rest
/// those that the writer had of the cluster that is lost. The first one is its writer.
struct AddClusterInstance: InstanceMakingStep {
  static let kind = "aurora.add-instance"

  struct Intent: InstanceIntent, Equatable {
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
    let settings: DatabaseSettings
  }

  let aws: AWSAccess
  let instanceClass: String
  let choice: SettingsChoice
  let tags: RunTags
  let clusterStep: String
  let mode: RunMode
  let instance: MadeInstance

  init(
    aws: AWSAccess, identifier: String, instanceClass: String, stated: DatabaseSettings,
    writerStep: String, tags: RunTags, clusterStep: String, mode: RunMode
  ) {
    self.aws = aws
    self.instanceClass = instanceClass
    self.tags = tags
    self.clusterStep = clusterStep
    self.mode = mode
    choice = SettingsChoice(aws: aws, kind: .instance, stated: stated, sourceStep: writerStep)
    // Its storage is the cluster's, which was looked at.
    instance = MadeInstance(aws: aws, identifier: identifier, mustBeEncrypted: false)
  }

  var summary: String { "add instance \(instance.identifier) to the cluster" }
  var cost: String { "RDS bills it by the hour until it is deleted." }
  var calls: [PlannedCall] {
    let request = CreateClusterInstance(
      identifier: instance.identifier, cluster: "<cluster>", engine: "<engine>",
      instanceClass: instanceClass, settings: choice.stated, tags: tags.planned)
    let creation = aws.plan(request, tags: .onRequest, further: choice.rolePermission(in: mode))
      .taking(choice.byHand.settings(for: .clusterMember))
      .remarking(SourceByHand.settingsRemark)
      .waiting(with: aws.untilAvailable(instance.identifier))
    // The call of this program gives all tags at once.
    let tagging = choice.byHand.tagging(.instance, instance.identifier, tags: .none, with: aws)
      .map { $0.byHandAlone() }
    return aws.watch(instance.identifier) + choice.calls + [creation]
      + (mode == .restore ? tagging : [])
  }

  func prepare(_ context: StepContext) async throws -> Intent? {
    let cluster = try context.output(of: clusterStep, as: ClusterRecord.self)
    let request = Untagged(
      identifier: instance.identifier, cluster: cluster.identifier, engine: cluster.engine,
      instanceClass: instanceClass, settings: try await choice.settings(context))
    let proof = try OwnershipProof(of: request, context)
    // A drill's copy has the tags of the plan alone.
    let lost = mode == .restore ? try choice.source(context)?.ownTags ?? [:] : [:]
    return Intent(
      request: request, tags: lost.merging(tags.tags(proof, context)) { _, ours in ours },
      proof: proof, decidedAt: context.time.now().wall)
  }

  func apply(_ intent: Intent, _ context: StepContext) async throws -> InstanceIdentity {
    let request = intent.request
    let made = try await choice.ask(for: request.settings, context) { settings in
      try await aws.send(
        CreateClusterInstance(
          identifier: request.identifier, cluster: request.cluster, engine: request.engine,
          instanceClass: request.instanceClass, settings: settings, tags: intent.tags), context)
    }.answer
    return InstanceIdentity(identifier: request.identifier, resourceID: made.resourceID)
  }
}
