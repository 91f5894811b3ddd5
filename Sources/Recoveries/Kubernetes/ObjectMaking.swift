import Cryptography
import KubernetesClient
import Platform
import RunEngine
import StrictJSON

/// What a step asks the API server to make, once.
struct ObjectRequest: Codable, Sendable {
  /// The object, without the marks of the run.
  let object: JSONValue
  let step: String
  let requestDigest: String

  init(_ object: JSONValue, _ context: StepContext) throws {
    self.object = object
    step = context.step
    requestDigest = SHA256.digest(of: try object.canonicalBytes()).hex
  }

  /// The object with the marks by which it is known again.
  func marked(_ context: StepContext) -> JSONValue {
    ObjectOwnership.marked(
      object,
      with: [
        "labels": ObjectOwnership.labels(context),
        "annotations": ObjectOwnership.annotations(context, requestDigest: requestDigest),
      ])
  }
}

/// A step that makes one object of Kubernetes and marks it as its own, so that it is made once and
/// nothing else is taken for it.
protocol ObjectMaking: ChangingStep where Intent == ObjectRequest, Identity == ObjectIdentity {
  var access: ClusterAccess { get }
  var resource: KubernetesResource { get }
  /// Its namespace; nil for objects that have none.
  var space: String? { get }
  /// Its namespace as rights name it: nil where it is of one run, since rights are given before.
  var ruledSpace: String? { get }
  var name: String { get }
  /// Kind, identifier and cluster, in words.
  var made: String { get }
  /// The object, without the marks of the run.
  func object(_ context: StepContext) throws -> JSONValue
  /// The object as it is known before a run, for a person who makes it by hand; nil when it is not.
  var planned: JSONValue? { get }
}

extension ObjectMaking {
  var ruledSpace: String? { space }
  var planned: JSONValue? { nil }
  var effects: [PlannedEffect] { [PlannedEffect(.creates, made)] }
  var calls: [PlannedCall] {
    [creation, access.plan(.get, resource, in: ruledSpace, name)]
  }

  var creation: PlannedCall {
    access.plan(
      .create, resource, in: ruledSpace, name,
      object: planned.map { ObjectOwnership.marked($0, with: ["labels": ObjectOwnership.planned]) })
  }

  func prepare(_ context: StepContext) async throws -> ObjectRequest? {
    try ObjectRequest(try object(context), context)
  }

  /// Only the marks tell whose it is: the server, and what watches the object, may change the rest.
  func find(
    _ intent: ObjectRequest, _ context: StepContext
  ) async throws -> Existing<ObjectIdentity> {
    ObjectOwnership.judge(
      try await access.find(resource, intent.object.objectName, in: space, context),
      run: context.run, step: intent.step, requestDigest: intent.requestDigest, what: made)
  }

  func apply(_ intent: ObjectRequest, _ context: StepContext) async throws -> ObjectIdentity {
    let object = try await access.send(
      .create(resource, intent.marked(context), in: space), context)
    return ObjectIdentity(name: object.objectName, uid: object.objectUID)
  }
}

/// An object that needs nothing but to be there.
extension ObjectMaking where Output == ObjectIdentity {
  func observe(
    _ intent: ObjectRequest, _ identity: ObjectIdentity, _ context: StepContext
  ) async throws -> Observation<ObjectIdentity> { .ready(identity) }
}

extension ObjectMaking where Self: RemovableStep {
  var appearsWithin: Duration { .seconds(10) }
  var removalCalls: [PlannedCall] {
    [
      access.plan(.get, resource, in: ruledSpace, name),
      access.plan(.delete, resource, in: ruledSpace, name),
    ]
  }

  func remove(
    _ identity: ObjectIdentity, _ context: StepContext
  ) async throws -> Observation<Removed> {
    try await access.remove(resource, identity, in: space, what: made, context)
  }
}
