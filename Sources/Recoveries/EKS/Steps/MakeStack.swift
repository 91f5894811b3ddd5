import AWSClient
import Cryptography
import Platform
import RunEngine
import RunJournal
import StrictJSON
import Synchronization

/// Makes the cluster from its infrastructure code, a template of CloudFormation, when it is not there.
struct MakeStack: RemovableStep {
  static let kind = "eks.stack"
  static let phase = StepPhase.recover

  struct Intent: Codable, Sendable {
    let stack: String
    /// The template itself: the file may change while the run lasts.
    let template: String
    let inputs: [String: String]
    let capabilities: [String]
    let tags: [String: String]
    let proof: OwnershipProof
  }

  struct Identity: Codable, Sendable {
    let stack: String
    let identifier: String
  }

  struct Output: Codable, Sendable {
    /// The stack; nil when the cluster was there already.
    let identifier: String?
  }

  let aws: AWSAccess
  let cluster: String
  let stack: String
  let spec: StackSpec
  let runTags: RunTags
  private let deletion = Deletion()

  var summary: String { "make cluster \(cluster) from \(spec.template), if it is not there" }
  var effects: [PlannedEffect] { [PlannedEffect(.creates, made)] }
  var removalSummary: String { "delete stack \(stack)" }
  var made: String { "CloudFormation stack \(stack) in \(aws.region)" }
  var cost: String { "EKS bills the cluster by the hour, and EC2 its nodes, until it is deleted." }
  var appearsWithin: Duration { .seconds(60) }
  var calls: [PlannedCall] {
    [
      aws.plan(DescribeCluster(name: cluster)), aws.plan(DescribeStacks(stack: stack)),
      aws.plan(
        CreateStack(
          name: stack, template: "<template>", inputs: spec.inputs,
          capabilities: spec.capabilities, tags: runTags.planned, token: "<token>"),
        tags: .onRequest),
    ]
  }
  var removalCalls: [PlannedCall] {
    [aws.plan(DescribeStacks(stack: stack)), aws.plan(DeleteStack(identifier: stack))]
  }

  func prepare(_ context: StepContext) async throws -> Intent? {
    do {
      _ = try await aws.send(DescribeCluster(name: cluster), context)
      return nil
    } catch let error as AWSError where error.code == "ResourceNotFoundException" {}
    let bytes = try DurableFile.read(spec.template, limit: CreateStack.longestTemplate)
    let proof = try OwnershipProof(
      of: Request(
        stack: stack, template: SHA256.digest(of: bytes).hex, inputs: spec.inputs,
        capabilities: spec.capabilities), context)
    return Intent(
      stack: stack, template: String(decoding: bytes, as: UTF8.self), inputs: spec.inputs,
      capabilities: spec.capabilities,
      tags: runTags.tags(proof, context), proof: proof)
  }

  func find(_ intent: Intent, _ context: StepContext) async throws -> Existing<Identity> {
    guard let found = try await described(intent.stack, context) else { return .absent }
    guard intent.proof.holds(for: found.tags, run: context.run) else {
      return .foreign("\(made) (\(found.identifier))")
    }
    return .ours(Identity(stack: found.name, identifier: found.identifier))
  }

  func apply(_ intent: Intent, _ context: StepContext) async throws -> Identity {
    let identifier = try await aws.send(
      CreateStack(
        name: intent.stack, template: intent.template, inputs: intent.inputs,
        capabilities: intent.capabilities, tags: intent.tags,
        token: "mosaic-dr-\(context.run)-\(intent.proof.requestDigest.prefix(16))"), context)
    return Identity(stack: intent.stack, identifier: identifier)
  }

  func observe(
    _ intent: Intent, _ identity: Identity, _ context: StepContext
  ) async throws -> Observation<Output> {
    guard let found = try await described(identity.identifier, context) else {
      return .waiting(Progress("not visible yet"))
    }
    switch found.status {
    case "CREATE_COMPLETE", "UPDATE_COMPLETE":
      return .ready(Output(identifier: identity.identifier))
    case "CREATE_IN_PROGRESS", "REVIEW_IN_PROGRESS": return .waiting(Progress(found.status))
    default:
      throw Problem(
        "the cluster could not be made from its template", on: made,
        because: "its status is \(found.status)\(found.reason.map { ": \($0)" } ?? "")",
        fix: "Read the stack's events, mend the template, delete the stack, and run the plan again."
      )
    }
  }

  func unchanged(_ context: StepContext) async throws -> Output { Output(identifier: nil) }

  func remove(_ identity: Identity, _ context: StepContext) async throws -> Observation<Removed> {
    guard let found = try await described(identity.identifier, context),
      found.status != "DELETE_COMPLETE"
    else { return .ready(Removed(what: made)) }
    guard found.identifier == identity.identifier,
      found.tags[OwnershipTags.run] == context.run.description
    else {
      throw Problem(
        "a stack is not removed, since it may not be this run's", on: made,
        because: "it is \(found.identifier), and this run made \(identity.identifier)",
        fix: "Find out whose it is, and remove it by hand if it is not needed.")
    }
    if found.status == "DELETE_IN_PROGRESS" { return .waiting(Progress(found.status)) }
    // A deletion that failed may be asked for again, and comes to its end once nothing holds the stack: only
    // what became of this one counts.
    if found.status == "DELETE_FAILED", deletion.takeRequest() {
      throw Problem(
        "the stack could not be deleted", on: made, because: found.reason ?? found.status,
        fix:
          "Remove what holds it (load balancers, volumes), then 'mosaic-dr cleanup \(context.run)'."
      )
    }
    try await aws.send(DeleteStack(identifier: identity.identifier), context)
    deletion.noteRequest()
    return .waiting(Progress("deleting"))
  }

  private func described(
    _ stack: String, _ context: StepContext
  ) async throws -> CloudFormationStack? {
    do {
      return try await aws.send(DescribeStacks(stack: stack), context)
    } catch let error as AWSError where error.code == "ValidationError" {
      return nil
    }
  }

  /// Whether the end of a deletion is awaited that this process has asked for.
  private final class Deletion: Sendable {
    private let isAwaited = Mutex(false)

    func noteRequest() { isAwaited.withLock { $0 = true } }

    /// Whether there was one; it is over then.
    func takeRequest() -> Bool {
      isAwaited.withLock { isAwaited in
        defer { isAwaited = false }
        return isAwaited
      }
    }
  }

  private struct Request: Encodable {
    let stack: String
    let template: String
    let inputs: [String: String]
    let capabilities: [String]
  }
}
