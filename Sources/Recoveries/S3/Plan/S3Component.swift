import Platform
import PositionedYAML
public import RecoveryPlan
import StrictJSON

/// `s3`: a bucket that S3 replicates to another region.
public struct S3Component: PlanObject {
  let source: String
  let replica: String
  let sourceKeys: [String]
  let replicaKeys: [String]
  let maximumLag: Duration
  let hasCanary: Bool
  let compare: S3Comparison
  let inventory: S3Inventory?
  let includesVersions: Bool
  let prefixes: [String]
  let parallel: Int
  let replicatedSince: Timestamp?
  let repair: S3Repair
  let batchRole: String?
  let rehydrate: S3Rehydration?
  let timeouts: S3Timeouts

  /// Reads the fields.
  public init(from fields: FieldReader) {
    source = fields.required("source", .bucket, "The bucket that is replicated.")
    replica = fields.required("replica", .bucket, "The bucket in the recovery region.")
    sourceKeys = fields.optional(
      "sourceKeys", .list(of: .keyARN, 0...10), default: [], shownAs: [],
      "The KMS keys that the source's objects are encrypted with, by their ARNs: permissions are derived for them."
    )
    replicaKeys = fields.optional(
      "replicaKeys", .list(of: .keyARN, 0...10), default: [], shownAs: [],
      "The KMS keys that the replica's objects are encrypted with, by their ARNs.")
    maximumLag = fields.optional(
      "maxLag", .duration, default: .seconds(900), shownAs: "15m",
      "How far the replica may be behind; what is younger is in flight.")
    hasCanary = fields.optional(
      "canary", .boolean, default: false, shownAs: false,
      "Whether a small object is written at the source, awaited at the replica, and deleted on both sides."
    )
    compare = fields.optional(
      "compare", .comparison, default: .full, shownAs: "full",
      "What is compared: full, none, or {sample: NUMBER} for so many objects drawn by chance.")
    inventory = fields.optional(
      "inventory", .object(S3Inventory.self),
      "Where S3 Inventory reports of both buckets are, which are compared in place of listings.")
    includesVersions = fields.optional(
      "versions", .boolean, default: false, shownAs: false,
      "Whether older versions and delete markers are compared as well.")
    prefixes = fields.optional(
      "prefixes", .list(of: .text(upTo: 200), 0...500), default: [], shownAs: [],
      "Only keys that begin with one of these; all when there is none.")
    parallel = fields.optional(
      "parallel", .integer(1...64), default: 8, shownAs: 8,
      "How many ranges of keys are compared at the same time.")
    replicatedSince = fields.optional(
      "replicatedSince", .instant,
      "When the replication began: what is older was never replicated, and is counted apart.")
    repair =
      fields.optional(
        "repair", .choice(["none", "copy", "batch"]), default: "none", shownAs: "none",
        "What a restore does about objects that the replica lacks, once a person agrees: none, copy, or batch to write a manifest and a request for S3 Batch Operations."
      ).asRepair
    batchRole = fields.optional(
      "batchRole", .role("batch-replication"),
      "The role that S3 Batch Operations runs the job of repair: batch as; an ARN. It may initiate replications and read the manifest."
    )
    rehydrate = fields.optional(
      "rehydrate", .object(S3Rehydration.self),
      "How a restore fills a fresh primary bucket from the replica.")
    timeouts = fields.optional(
      "timeouts", .object(S3Timeouts.self), default: S3Timeouts(), shownAs: [:],
      "Bounds on the waits.")
    reportContradictions(in: fields)
  }
}

/// `s3.compare`
enum S3Comparison: Sendable, Equatable {
  case full, none
  case sample(Int)
}

/// `s3.repair`
enum S3Repair: String, Sendable {
  case none, copy, batch
}

extension String {
  fileprivate var asRepair: S3Repair { S3Repair(rawValue: self) ?? .none }
}

/// `s3.inventory`
public struct S3Inventory: PlanObject {
  let source: S3InventoryPlace
  let replica: S3InventoryPlace

  /// Reads the fields.
  public init(from fields: FieldReader) {
    source = fields.required(
      "source", .object(S3InventoryPlace.self), "The reports of the source, in its region.")
    replica = fields.required(
      "replica", .object(S3InventoryPlace.self), "The reports of the replica, in its region.")
  }
}

/// `s3.inventory.source`
public struct S3InventoryPlace: PlanObject {
  let bucket: String
  let prefix: String
  let keys: [String]

  /// Reads the fields.
  public init(from fields: FieldReader) {
    bucket = fields.required("bucket", .bucket, "The bucket that reports are delivered to.")
    prefix = fields.required(
      "prefix", .text(upTo: 300),
      "What stands before the dates of the reports: PREFIX/BUCKET/CONFIGURATION/. CSV, with size, last modified date and ETag."
    )
    keys = fields.optional(
      "keys", .list(of: .keyARN, 0...10), default: [], shownAs: [],
      "The KMS keys that the reports are encrypted with, by their ARNs.")
  }
}

/// `s3.rehydrate`
public struct S3Rehydration: PlanObject {
  let target: String
  let targetKeys: [String]
  let isInPrimaryRegion: Bool
  let prefixes: [String]
  let drill: [String]

  /// Reads the fields.
  public init(from fields: FieldReader) {
    target = fields.required("target", .bucket, "The bucket that is filled.")
    targetKeys = fields.optional(
      "targetKeys", .list(of: .keyARN, 0...10), default: [], shownAs: [],
      "The KMS keys that the target encrypts with, by their ARNs; the bucket of a drill has none.")
    isInPrimaryRegion =
      fields.optional(
        "region", .choice(["primary", "recovery"]), default: "recovery", shownAs: "recovery",
        "In which of the plan's regions the target is.") == "primary"
    prefixes = fields.optional(
      "prefixes", .list(of: .text(upTo: 200), 0...500), default: [], shownAs: [],
      "What is brought back first and alone; everything when there is none.")
    drill = fields.optional(
      "drill", .list(of: .text(upTo: 200), 0...50), default: [], shownAs: [],
      "Prefixes that a drill brings back into a bucket that it makes, compares, and deletes again.")
  }
}

/// `s3.timeouts`
public struct S3Timeouts: PlanObject {
  let compare: Duration
  let canary: Duration
  let copy: Duration

  /// Reads the fields.
  public init(from fields: FieldReader) {
    compare = fields.optional(
      "compare", .duration, default: .seconds(86_400), shownAs: "1d", "The bound on a comparison.")
    canary = fields.optional(
      "canary", .duration, default: .seconds(1_800), shownAs: "30m",
      "The bound on the wait for the canary.")
    copy = fields.optional(
      "copy", .duration, default: .seconds(3 * 86_400), shownAs: "3d",
      "The bound on a repair or a rehydration.")
  }

  init() {
    compare = .seconds(86_400)
    canary = .seconds(1_800)
    copy = .seconds(3 * 86_400)
  }
}

extension FieldType where Value == S3Comparison {
  static var comparison: FieldType {
    FieldType(
      schema: [
        "anyOf": [
          ["enum": ["full", "none"]],
          [
            "type": "object", "required": ["sample"], "additionalProperties": false,
            "properties": ["sample": .object(FieldType<Int>.sampleSize.schema())],
          ],
        ]
      ], sample: .full
    ) { node, sink in
      switch (node.text, node.entries) {
      case ("full", _): return .full
      case ("none", _): return S3Comparison.none
      case (_, .some(let entries)) where entries.count == 1 && entries[0].key == "sample":
        return FieldType<Int>.sampleSize.read(entries[0].value, sink).map { .sample($0) }
      default: break
      }
      sink.report(
        "'\(node.text ?? "this")' is no comparison", at: node.position,
        fix: "Write full, none, or {sample: 3000}.")
      return nil
    }
  }
}

extension FieldType where Value == Int {
  fileprivate static var sampleSize: FieldType { .integer(30...100_000) }
}

extension FieldType where Value == Timestamp {
  static var instant: FieldType {
    FieldType(
      schema: ["type": "string", "format": "date-time"], sample: Timestamp(nanoseconds: 0)
    ) { node, sink in
      if let moment = node.text.flatMap({ Timestamp($0) }) { return moment }
      sink.report(
        "'\(node.text ?? "this")' is no moment", at: node.position,
        fix: "Write, for example: \"2026-01-31T00:00:00Z\"")
      return nil
    }
  }
}

extension FieldType where Value == String {
  /// S3 User Guide, "Bucket naming rules".
  static var bucket: FieldType {
    .matching(
      "a bucket's name (3 to 63 lower-case letters, digits, dots and hyphens)",
      pattern: "^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", example: "mosaic-media"
    ) { text in
      (3...63).contains(text.utf8.count) && !text.contains("..")
        && text.utf8.allSatisfy { $0.isLowercaseOrDigit || $0 == 0x2D || $0 == 0x2E }
        && text.utf8.first?.isLowercaseOrDigit == true
        && text.utf8.last?.isLowercaseOrDigit == true
    }
  }
}
