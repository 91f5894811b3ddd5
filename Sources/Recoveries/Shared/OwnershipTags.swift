import Cryptography
import Platform
import RunEngine
import RunJournal
import StrictJSON

/// The tags by which a resource proves that one step of one run made it with one request.
enum OwnershipTags {
  static let run = "mosaic-dr:run"
  static let step = "mosaic-dr:step"
  static let mode = "mosaic-dr:mode"
  static let request = "mosaic-dr:request-sha256"
  /// When a drill's copy is surely no longer needed.
  static let expires = "mosaic-dr:expires"
}

/// What everything that a run makes is tagged with.
struct RunTags: Sendable {
  /// The plan's own tags.
  let plan: [String: String]
  /// How long a run may last; a drill's copies expire after that.
  let lifetime: Duration

  /// The same for those who read the plan: what a run gives them stands in angle brackets.
  var planned: [String: String] {
    plan.merging([
      OwnershipTags.run: "<run>", OwnershipTags.step: "<step>", OwnershipTags.mode: "<mode>",
      OwnershipTags.request: "<digest>",
    ]) { _, ours in ours }
  }

  /// The plan's own tags and ours, which prove that `proof` holds.
  func tags(_ proof: OwnershipProof, _ context: StepContext) -> [String: String] {
    var ours = [
      OwnershipTags.run: context.run.description, OwnershipTags.step: proof.step,
      OwnershipTags.mode: context.mode.rawValue, OwnershipTags.request: proof.requestDigest,
    ]
    if context.mode == .drill {
      let end = context.time.now().wall + lifetime
      ours[OwnershipTags.expires] = end.formatted(fractionDigits: 0)
    }
    return plan.merging(ours) { _, ours in ours }
  }
}

/// What a resource's tags must say for it to be the one that a step made.
struct OwnershipProof: Sendable, Codable, Equatable {
  /// The step that decided to make it.
  let step: String
  /// SHA-256 of the request without its tags.
  let requestDigest: String

  /// The proof for what `context`'s step makes with `request`.
  init(of request: some Encodable, _ context: StepContext) throws {
    step = context.step
    requestDigest =
      SHA256.digest(of: try JSONValue(encoding: request).canonicalBytes()).hex
  }

  /// Whether the tags name this run, this step and this request. The mere presence of a tag proves
  /// nothing: a restore copies the tags of the source when it is given none.
  func holds(for tags: [String: String], run: ULID) -> Bool {
    tags[OwnershipTags.run] == run.description && tags[OwnershipTags.step] == step
      && tags[OwnershipTags.request] == requestDigest
  }
}
