import AWSClient
import RecoveryPlan
import StrictJSON

/// `rds.recoverFrom.latestSnapshot`: which snapshots come into question.
struct SnapshotCriteria: PlanObject, Equatable {
  /// `automated`, `manual`, or `any`.
  let type: String
  let tags: [String: String]

  static let any = SnapshotCriteria(type: "any", tags: [:])

  private init(type: String, tags: [String: String]) {
    self.type = type
    self.tags = tags
  }

  init(from fields: FieldReader) {
    type = fields.optional(
      "type", .choice(["any", "automated", "manual"]), default: "any", shownAs: "any",
      "Who makes them: RDS every day, or somebody.")
    tags = fields.optional(
      "tags", .tags, default: [:], shownAs: [:], "Tags that they all carry.")
  }

  func fit(_ snapshot: DBSnapshot) -> Bool {
    (type == "any" || snapshot.type == type)
      && tags.allSatisfy { snapshot.tags[$0.key] == $0.value }
  }

  /// The same as a filter of the AWS command line's queries, behind a condition of its own.
  var query: String {
    let quoted = { (text: String) in
      "'\(text.replacing("\\", with: "\\\\").replacing("'", with: "\\'"))'"
    }
    let ofType = type == "any" ? "" : " && SnapshotType==\(quoted(type))"
    let tagged = tags.sorted { $0.key < $1.key }.map {
      " && TagList[?Key==\(quoted($0.key)) && Value==\(quoted($0.value))]"
    }
    return ofType + tagged.joined()
  }

  /// For people: "manual snapshots tagged Purpose=dr".
  var words: String {
    let tagged = tags.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    return (type == "any" ? "" : "\(type) ") + "snapshots"
      + (tagged.isEmpty ? "" : " tagged \(tagged.joined(separator: ", "))")
  }
}

/// `rds.recoverFrom.snapshotCopy`: a copy that the run itself makes in the recovery region.
struct SnapshotCopyOptions: PlanObject, Equatable {
  let kmsKey: String?
  let snapshot: String?
  let criteria: SnapshotCriteria

  init(from fields: FieldReader) {
    kmsKey = fields.optional(
      "kmsKey", .text(upTo: 2_048),
      "The KMS key of the recovery region that encrypts the copy; an encrypted snapshot needs one.")
    snapshot = fields.optional(
      "snapshot", .snapshotIdentifier, "The snapshot of the primary region; else the newest.")
    criteria = fields.optional(
      "of", .object(SnapshotCriteria.self), default: .any, shownAs: [:],
      "Which snapshots come into question.")
  }
}
