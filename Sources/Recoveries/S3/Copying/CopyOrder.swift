import BucketComparison
import StrictJSON

/// An object that a comparison says should be copied, as it was listed.
struct CopyOrder: Sendable, Equatable {
  /// The kinds of difference that are mended by a copy. What the target has newer, or the source archived,
  /// is none of them.
  static let kinds: [DifferenceKind] = [.missing, .stale, .failed, .different]

  let key: String
  /// The version, where versions were compared.
  let version: String?
  /// The ETag and the size that the source was listed with.
  let etag: String?
  let size: Int64
  /// Whether the target was listed without it.
  let isAbsent: Bool

  /// Reads a line of a list of findings; nil when there is nothing to copy for it.
  init?(_ line: JSONValue) {
    guard let kind = line["kind"]?.stringValue.flatMap({ DifferenceKind(rawValue: $0) }),
      Self.kinds.contains(kind), let key = line["key"]?.stringValue, let source = line["source"],
      source["delete_marker"] == nil,
      // The target has the version already, under another of its own.
      line["replica"]?["version"] == nil
    else { return nil }
    self.key = key
    version = line["version"]?.stringValue
    etag = source["etag"]?.stringValue
    size = source["size"]?.integerValue ?? 0
    isAbsent = line["replica"] == nil
  }
}

/// What became of an order.
enum CopyOutcome: Sendable, Equatable {
  /// So many bytes were copied.
  case copied(Int64)
  /// It is at the target already, or at the source no more; or the line orders nothing.
  case unneeded
  /// The target has something else by now that is not older, and keeps it.
  case kept
  /// S3 refused it for good.
  case refused(RefusedObject)
}
