public import Platform
public import StrictJSON

/// A key, or a version of one, that is not the same on both sides.
public struct Difference: Sendable, Equatable {
  /// What it is at the source; nil when it is not there.
  public let source: ObjectRecord?
  /// What it is at the replica; nil when it is not there.
  public let replica: ObjectRecord?
  /// Whether the replica has the source's current version, but hides it: `replica` is what stands on top of it
  /// there, and is not at the source.
  public let isHidden: Bool
  /// What a delete marker at the source has deleted, on whichever side it is left; nil when it is on neither.
  public let deleted: ObjectRecord?

  /// Creates a difference; one side at least is there.
  public init(
    source: ObjectRecord?, replica: ObjectRecord?, isHidden: Bool = false,
    deleted: ObjectRecord? = nil
  ) {
    self.source = source
    self.replica = replica
    self.isHidden = isHidden
    self.deleted = deleted
  }

  /// The key.
  public var key: [UInt8] { source?.key ?? replica?.key ?? [] }
  /// The version; empty when versions are not compared.
  public var version: String { source?.version ?? replica?.version ?? "" }
  /// The version that both sides are asked about.
  var doubtfulVersion: String { isHidden ? replica?.version ?? "" : version }
}

/// What a difference is.
public enum DifferenceKind: String, Sendable, Codable, CaseIterable {
  /// The replica lacks what it should have by now.
  case missing
  /// The replica has an older state of it.
  case stale
  /// Both have something else, and the replica is not older.
  case different
  /// The target of a copy has something else, and is not older: it is not overwritten.
  case newer
  /// The target of a copy has it alone, and keeps it.
  case onlyAtTarget = "only_at_target"
  /// What is to be copied is archived, and nobody can read it before it is restored.
  case archived
  /// The replica has what the source does not.
  case extra
  /// S3 has given up on it, and does not try again by itself.
  case failed
  /// Younger than the allowed lag.
  case inFlight = "in_flight"
  /// It was never to be replicated.
  case neverEligible = "never_eligible"

  /// Whether a person should look into it.
  public var isFinding: Bool { ![.inFlight, .neverEligible, .onlyAtTarget].contains(self) }

  /// Whether it is a change at the source that the replica should have and has not.
  public var isAbsence: Bool {
    switch self {
    case .missing, .stale, .failed, .inFlight, .archived: true
    case .different, .newer, .onlyAtTarget, .extra, .neverEligible: false
    }
  }
}

/// A difference with what it is held for, and why.
public struct JudgedDifference: Sendable, Equatable {
  /// The difference.
  public let difference: Difference
  /// What it is.
  public let kind: DifferenceKind
  /// Why.
  public let reason: String

  /// Creates a judgement.
  public init(_ difference: Difference, _ kind: DifferenceKind, _ reason: String) {
    self.difference = difference
    self.kind = kind
    self.reason = reason
  }

  /// When the source was changed; nil when the replica has that change, though it may hide it.
  public var changedAt: Timestamp? {
    difference.isHidden && kind == .inFlight ? nil : difference.source?.modified
  }

  /// Whether it is an object, and no deletion, that the replica has nothing of.
  var isAbsentObject: Bool {
    difference.replica == nil && difference.source?.isDeleteMarker == false
  }

  /// One line of the list of findings, without its end.
  var line: String {
    get throws { String(decoding: try json.canonicalBytes(), as: UTF8.self) }
  }

  /// The line as JSON.
  public var json: JSONValue {
    var object = JSONObject()
    let key = difference.key
    if let text = String(validating: key, as: UTF8.self) {
      object["key"] = .string(text)
    } else {
      object["key_encoded"] = .string(KeyEncoding.encode(key))
    }
    object["kind"] = .string(kind.rawValue)
    object["reason"] = .string(reason)
    if !difference.version.isEmpty { object["version"] = .string(difference.version) }
    for (name, record) in [("source", difference.source), ("replica", difference.replica)] {
      guard let record else { continue }
      var side = JSONObject()
      side["size"] = .integer(record.size)
      if !record.etag.isEmpty { side["etag"] = .string(record.etag) }
      if let modified = record.modified { side["modified"] = .string(modified.description) }
      if record.isDeleteMarker { side["delete_marker"] = .bool(true) }
      if !record.storageClass.isEmpty { side["storage_class"] = .string(record.storageClass) }
      if record.version != difference.version { side["version"] = .string(record.version) }
      object[name] = .object(side)
    }
    return .object(object)
  }
}
