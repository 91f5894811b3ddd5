public import Platform

/// What a comparison has counted so far.
public struct ComparisonTally: Sendable, Codable, Equatable {
  /// How many first findings are kept for people to see.
  public static let maximumShown = 20

  /// How many rows of the source were looked at.
  public var sourceObjects = 0
  /// How many bytes they have.
  public var sourceBytes: Int64 = 0
  /// How many rows of the replica were looked at.
  public var replicaObjects = 0
  /// How many are the same on both sides.
  public var same = 0
  /// How many of these were compared by size and time alone, since their ETags cannot be.
  public var sameBySize = 0
  /// How many differences there are of each kind.
  public var differences: [String: Int] = [:]
  /// Why objects were never to be replicated, with how many.
  public var neverEligible: [String: Int] = [:]
  /// How many objects of the source are not at the replica, and were never to be.
  public var unprotected = 0
  /// How many differences were not looked up one by one.
  public var unexamined = 0
  /// What S3 answered in place of showing an object, with how often.
  public var refusals: [String: Int] = [:]
  /// How many objects of the replica are archived, by storage class.
  public var archivedReplicas: [String: Int] = [:]
  /// The oldest change at the source that the replica does not have.
  public var oldestAbsence: Timestamp?
  /// The youngest change at the source.
  public var newest: Timestamp?
  /// The first findings, as JSON lines.
  public var shown: [String] = []

  /// Creates an empty count.
  public init() {}

  /// How many there are of a kind.
  public subscript(kind: DifferenceKind) -> Int { differences[kind.rawValue] ?? 0 }

  /// How many differences a person should look into.
  public var findings: Int {
    DifferenceKind.allCases.filter(\.isFinding).reduce(0) { $0 + self[$1] }
  }

  /// Why objects were never to be replicated, with how many, the most frequent reason first.
  public var neverEligibleByReason: [(reason: String, count: Int)] {
    neverEligible.map { (reason: $0.key, count: $0.value) }
      .sorted { ($1.count, $0.reason) < ($0.count, $1.reason) }
  }

  /// Adds a difference.
  public mutating func add(_ judged: JudgedDifference, line: String) {
    differences[judged.kind.rawValue, default: 0] += 1
    if judged.kind == .neverEligible {
      neverEligible[judged.reason, default: 0] += 1
      if judged.isAbsentObject { unprotected += 1 }
    }
    if judged.kind.isAbsence { noteAbsence(judged.changedAt) }
    if judged.kind.isFinding, shown.count < Self.maximumShown { shown.append(line) }
  }

  /// Adds another count.
  public static func += (sum: inout ComparisonTally, more: ComparisonTally) {
    sum.sourceObjects += more.sourceObjects
    sum.sourceBytes += more.sourceBytes
    sum.replicaObjects += more.replicaObjects
    sum.same += more.same
    sum.sameBySize += more.sameBySize
    sum.differences.merge(more.differences, uniquingKeysWith: +)
    sum.neverEligible.merge(more.neverEligible, uniquingKeysWith: +)
    sum.unprotected += more.unprotected
    sum.unexamined += more.unexamined
    sum.refusals.merge(more.refusals, uniquingKeysWith: +)
    sum.archivedReplicas.merge(more.archivedReplicas, uniquingKeysWith: +)
    sum.noteAbsence(more.oldestAbsence)
    sum.newest = [sum.newest, more.newest].compactMap { $0 }.max()
    sum.shown = Array((sum.shown + more.shown).prefix(maximumShown))
  }

  private mutating func noteAbsence(_ moment: Timestamp?) {
    guard let moment else { return }
    oldestAbsence = oldestAbsence.map { min($0, moment) } ?? moment
  }

  enum CodingKeys: String, CodingKey {
    case same, differences, unprotected, unexamined, shown, newest
    case sourceObjects = "source_objects"
    case sourceBytes = "source_bytes"
    case replicaObjects = "replica_objects"
    case sameBySize = "same_by_size_alone"
    case neverEligible = "never_eligible"
    case oldestAbsence = "oldest_absence"
    case refusals = "refused"
    case archivedReplicas = "archived_replicas"
  }
}

extension ComparisonTally {
  /// Reads a count; what an older run did not count is empty.
  public init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: CodingKeys.self)
    self.init()
    sourceObjects = try fields.decode(Int.self, forKey: .sourceObjects)
    sourceBytes = try fields.decode(Int64.self, forKey: .sourceBytes)
    replicaObjects = try fields.decode(Int.self, forKey: .replicaObjects)
    same = try fields.decode(Int.self, forKey: .same)
    sameBySize = try fields.decode(Int.self, forKey: .sameBySize)
    differences = try fields.decode([String: Int].self, forKey: .differences)
    neverEligible = try fields.decode([String: Int].self, forKey: .neverEligible)
    unprotected = try fields.decodeIfPresent(Int.self, forKey: .unprotected) ?? 0
    unexamined = try fields.decode(Int.self, forKey: .unexamined)
    refusals = try fields.decodeIfPresent([String: Int].self, forKey: .refusals) ?? [:]
    archivedReplicas =
      try fields.decodeIfPresent([String: Int].self, forKey: .archivedReplicas) ?? [:]
    oldestAbsence = try fields.decodeIfPresent(Timestamp.self, forKey: .oldestAbsence)
    newest = try fields.decodeIfPresent(Timestamp.self, forKey: .newest)
    shown = try fields.decode([String].self, forKey: .shown)
  }
}
