import Platform
import RunEngine
import RunJournal

/// The tags by which a resource proves that one step of one run made it with one request.
enum OwnershipTags {
  static let run = "mosaic-dr:run"
  static let step = "mosaic-dr:step"
  static let mode = "mosaic-dr:mode"
  static let request = "mosaic-dr:request-sha256"

  /// The plan's own tags and ours. The digest is of the request without it.
  static func tags(
    plan: [String: String], context: StepContext, requestDigest: String
  ) -> [String: String] {
    plan.merging([
      run: context.run.description, step: context.step, mode: context.mode.rawValue,
      request: requestDigest,
    ]) { _, ours in ours }
  }

  /// Whether the tags name this run, this step and this request. The mere presence of a tag proves
  /// nothing: a restore copies the tags of the source when it is given none.
  static func prove(
    _ tags: [String: String], run id: ULID, step maker: String, requestDigest: String
  ) -> Bool {
    tags[run] == id.description && tags[step] == maker
      && tags[request] == requestDigest
  }
}
