import AWSClient
import Cryptography
import Platform
import RunEngine
import RunJournal
import StrictJSON

/// Gives a secret a new version that names what was recovered. The old version stays, and is made the
/// current one again when the cut-over as a whole does not succeed.
struct ReplaceSecret: RemovableStep {
  typealias Output = CutOverRecord

  static let kind = "secrets.replace"
  static let phase = StepPhase.cutover

  struct Intent: Codable, Sendable, Equatable {
    let host: String
    let port: Int
    let oldVersion: String
    let newVersion: String
  }

  let aws: AWSAccess
  let spec: SecretCutOver
  let instanceStep: String
  /// The step that has an output once the cut-over as a whole has succeeded.
  let completion: String

  var summary: String { "name the recovered host in secret \(spec.secret)" }
  var effects: [PlannedEffect] {
    [PlannedEffect(.changes, "secret \(spec.secret) in \(aws.region): a new version")]
  }
  var removalSummary: String {
    "make the old version of \(spec.secret) current again, unless the cut-over has succeeded"
  }
  var removalEffects: [PlannedEffect] { effects }
  var made: String { "the new version of secret \(spec.secret) in \(aws.region)" }
  var cost: String { "It leads users to what this run made." }
  var appearsWithin: Duration { .zero }
  var calls: [PlannedCall] {
    [
      aws.plan(GetSecretValue(secret: spec.secret)),
      aws.plan(PutSecretValue(secret: spec.secret, version: "<version>", text: Secret("<text>"))),
    ]
  }
  var removalCalls: [PlannedCall] {
    [aws.plan(GetSecretValue(secret: spec.secret)), aws.plan(reversal("<old>", "<new>"))]
  }

  func prepare(_ context: StepContext) async throws -> Intent? {
    let instance = try context.output(of: instanceStep, as: InstanceRecord.self)
    let current = try await current(context)
    let host = spec.value ?? instance.address
    let changed = try changed(current, host: host, port: instance.port)
    if changed.isSame { return nil }
    return Intent(
      host: host, port: instance.port, oldVersion: current.version, newVersion: version(context))
  }

  func find(_ intent: Intent, _ context: StepContext) async throws -> Existing<Intent> {
    let found = try await current(context).version
    if found == intent.newVersion { return .ours(intent) }
    return found == intent.oldVersion
      ? .absent : .foreign("secret \(spec.secret), which has another version meanwhile")
  }

  func apply(_ intent: Intent, _ context: StepContext) async throws -> Intent {
    let current = try await current(context)
    guard current.version == intent.oldVersion else { throw isChanged(current, intent) }
    let changed = try changed(current, host: intent.host, port: intent.port)
    _ = try await aws.send(
      PutSecretValue(secret: spec.secret, version: intent.newVersion, text: changed.text), context)
    return intent
  }

  func observe(
    _ intent: Intent, _ identity: Intent, _ context: StepContext
  ) async throws -> Observation<CutOverRecord> {
    guard try await current(context).version == intent.newVersion else {
      return .waiting(Progress("the new version is not current yet", isNear: true))
    }
    let words = reversal(intent.oldVersion, intent.newVersion).commandLine(region: aws.region)
    context.note(
      Finding(
        .note,
        "Secret \(spec.secret) keeps its old version \(intent.oldVersion). The way back: mosaic-dr "
          + "undo \(context.run); by hand: " + words.joined(separator: " ")))
    return .ready(CutOverRecord(changedAt: context.time.now().wall, lingers: 0))
  }

  /// The secret names the host already.
  func unchanged(_ context: StepContext) async throws -> CutOverRecord {
    CutOverRecord(changedAt: context.time.now().wall, lingers: 0)
  }

  func remove(_ identity: Intent, _ context: StepContext) async throws -> Observation<Removed> {
    if (try? context.output(of: completion, as: NoteCutOver.Output.self)) != nil {
      return .ready(.nothing(because: "the cut-over has succeeded"))
    }
    let current = try await current(context)
    if current.version == identity.oldVersion { return .ready(Removed(what: made)) }
    guard current.version == identity.newVersion else { throw isChanged(current, identity) }
    try await aws.send(reversal(identity.oldVersion, identity.newVersion), context)
    return .waiting(Progress("making the old version current", isNear: true))
  }

  private func reversal(_ old: String, _ new: String) -> MakeSecretVersionCurrent {
    MakeSecretVersionCurrent(secret: spec.secret, version: old, insteadOf: new)
  }

  private func current(_ context: StepContext) async throws -> SecretVersion {
    try await aws.send(GetSecretValue(secret: spec.secret), context)
  }

  /// The text with the new host; nothing else in it changes.
  private func changed(
    _ version: SecretVersion, host: String, port: Int
  ) throws -> (text: Secret<String>, isSame: Bool) {
    guard let text = version.text?.reveal(),
      let value = try? JSONValue(parsing: Array(text.utf8)), var object = value.objectValue,
      object[spec.field] != nil
    else {
      throw Problem(
        "the secret cannot be changed", on: "\(spec.secret) in \(aws.region)",
        because: "it is no JSON object with a field '\(spec.field)'",
        fix: "Correct the field's name in the plan's cutover.")
    }
    object[spec.field] = .string(host)
    if let portField = spec.portField {
      // As it was written: a number, or a text.
      object[portField] =
        object[portField]?.stringValue != nil ? .string(String(port)) : .integer(Int64(port))
    }
    let changed = JSONValue.object(object)
    // Numbers with a fraction have no canonical form.
    let bytes = (try? changed.canonicalBytes()) ?? Array(changed.prettyText().utf8)
    return (Secret(String(decoding: bytes, as: UTF8.self)), changed == value)
  }

  /// A version's identifier of 32 characters or more, the same for the same step of the same run.
  private func version(_ context: StepContext) -> String {
    let seed = "\(context.run) \(context.step) \(spec.secret)"
    return String(SHA256.digest(of: Array(seed.utf8)).hex.prefix(32))
  }

  private func isChanged(_ found: SecretVersion, _ intent: Intent) -> Problem {
    Problem(
      "a secret is not as this run left it", on: "\(spec.secret) in \(aws.region)",
      because: "its current version is \(found.version); it was left alone",
      fix: "Look who changed it; before this run its version was \(intent.oldVersion).")
  }
}
