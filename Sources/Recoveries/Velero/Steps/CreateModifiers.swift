import Cryptography
import KubernetesClient
import Platform
import RunEngine
import RunJournal
import StrictJSON

/// Makes the ConfigMap with the changes that Velero makes to objects on their way.
struct CreateModifiers: RemovableStep {
  typealias Identity = ObjectIdentity
  typealias Output = ObjectIdentity

  static let kind = "velero.modifiers"
  static let phase = StepPhase.recover

  struct Intent: Codable, Sendable {
    let data: JSONValue
    let step: String
    let requestDigest: String
  }

  let access: ClusterAccess
  let namespace: String
  let name: String
  let rules: ModifierRules

  var summary: String { "write down \(rules.rules.count) changes to objects on their way" }
  var effects: [PlannedEffect] { [PlannedEffect(.creates, made)] }
  var removalSummary: String { "delete config map \(name)" }
  var made: String { "config map \(namespace)/\(name) in \(access.target.shown)" }
  var cost: String { "It costs nothing." }
  var appearsWithin: Duration { .seconds(10) }
  var calls: [PlannedCall] {
    [
      access.plan(.create, .configMaps, in: namespace, name),
      access.plan(.get, .configMaps, in: namespace, name),
    ]
  }
  var removalCalls: [PlannedCall] {
    [
      access.plan(.get, .configMaps, in: namespace, name),
      access.plan(.delete, .configMaps, in: namespace, name),
    ]
  }

  func prepare(_ context: StepContext) async throws -> Intent? {
    let data = JSONValue.object(try rules.data())
    return Intent(
      data: data, step: context.step,
      requestDigest: SHA256.digest(of: try data.canonicalBytes()).hex)
  }

  func find(_ intent: Intent, _ context: StepContext) async throws -> Existing<ObjectIdentity> {
    ObjectOwnership.judge(
      try await access.find(.configMaps, name, in: namespace, context), run: context.run,
      step: intent.step, requestDigest: intent.requestDigest, what: made)
  }

  func apply(_ intent: Intent, _ context: StepContext) async throws -> ObjectIdentity {
    let object = try await access.send(
      .create(
        .configMaps,
        [
          "apiVersion": "v1", "kind": "ConfigMap",
          "metadata": [
            "name": .string(name), "labels": .object(ObjectOwnership.labels(context)),
            "annotations": .object(
              ObjectOwnership.annotations(context, requestDigest: intent.requestDigest)),
          ],
          "data": intent.data,
        ], in: namespace), context)
    return ObjectIdentity(name: object.objectName, uid: object.objectUID)
  }

  func observe(
    _ intent: Intent, _ identity: ObjectIdentity, _ context: StepContext
  ) async throws -> Observation<ObjectIdentity> { .ready(identity) }

  func unchanged(_ context: StepContext) async throws -> ObjectIdentity {
    ObjectIdentity(name: name, uid: "")
  }

  func remove(
    _ identity: ObjectIdentity, _ context: StepContext
  ) async throws -> Observation<Removed> {
    try await access.remove(.configMaps, identity, in: namespace, what: made, context)
  }
}
