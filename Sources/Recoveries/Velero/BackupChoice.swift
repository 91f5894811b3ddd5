import KubernetesClient
import Platform
import StrictJSON

/// Which of several backups a restore takes. Pure.
struct BackupChoice {
  /// How long a backup must still be kept.
  static let expiryMargin: Duration = .seconds(6 * 3_600)
  /// How old the last look into a storage location may be before "Available" means nothing: Velero
  /// looks each minute by default.
  static let staleAfter: Duration = .seconds(600)

  let acceptsPartial: Bool
  /// Backups that began later do not count.
  let bound: RecoveryBound
  let now: Timestamp

  /// Why a backup cannot be used; nil when it can.
  func refusal(_ backup: JSONValue, _ locations: [JSONValue]) -> String? {
    if backup.isBeingDeleted { return "is being deleted" }
    let phase = backup.at("status", "phase")?.stringValue ?? "New"
    let isPartial = phase == "PartiallyFailed"
    guard phase == "Completed" || isPartial && acceptsPartial else {
      return isPartial
        ? "is PartiallyFailed, and the plan refuses that (partialBackup)" : "is \(phase)"
    }
    guard let began = Self.began(backup) else { return "has no start time" }
    if began > bound.at { return "began at \(began), after \(bound.words)" }
    if let text = backup.at("status", "expiration")?.stringValue, let expiry = Timestamp(text),
      expiry < now + Self.expiryMargin
    {
      return expiry < now ? "has expired" : "expires at \(expiry)"
    }
    return Self.refusal(of: backup.at("spec", "storageLocation")?.stringValue ?? "", locations, now)
  }

  /// Why what lies in a storage location cannot be read; nil when it can.
  static func refusal(of name: String, _ locations: [JSONValue], _ now: Timestamp) -> String? {
    guard let location = locations.first(where: { $0.objectName == name }) else {
      return "lies in the storage location \(name), which is not there"
    }
    guard location.at("status", "phase")?.stringValue == "Available" else {
      let message = location.at("status", "message")?.stringValue.map { ": \($0)" } ?? ""
      return "lies in the storage location \(name), which is not available\(message)"
    }
    let looked = location.at("status", "lastValidationTime")?.stringValue.flatMap { Timestamp($0) }
    let isWatched = location.at("spec", "validationFrequency")?.stringValue != "0s"
    if isWatched, let looked, now - looked > staleAfter {
      return "lies in the storage location \(name), which nobody has looked into for "
        + "\((now - looked).readable): Velero does not run"
    }
    return nil
  }

  /// The instant that a backup's objects speak for at least; nothing later is promised.
  static func began(_ backup: JSONValue) -> Timestamp? {
    backup.at("status", "startTimestamp")?.stringValue.flatMap { Timestamp($0) }
  }

  /// The newest that can be used, and why each other cannot, newest first.
  func choose(
    _ backups: [JSONValue], _ locations: [JSONValue]
  ) -> (backup: JSONValue?, refused: [String]) {
    let sorted = backups.sorted {
      (Self.began($0) ?? Timestamp(nanoseconds: 0)) > (Self.began($1) ?? Timestamp(nanoseconds: 0))
    }
    var refused: [String] = []
    for backup in sorted {
      guard let why = refusal(backup, locations) else { return (backup, refused) }
      refused.append("\(backup.objectName) \(why)")
    }
    return (nil, refused)
  }
}

/// The backup that a restore takes.
struct BackupRecord: Codable, Sendable, Equatable {
  let name: String
  let uid: String
  let storageLocation: String
  /// `status.startTimestamp`
  let began: Timestamp
  /// The version of the cluster that it was made in.
  let kubernetes: String?
}
