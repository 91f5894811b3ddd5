public import AWSClient
import Platform

/// The rules of a source's lifecycle that delete objects by their age. The delete markers that they add are not
/// replicated, whatever the replication does with others (S3 User Guide, "Replicating delete markers between
/// buckets"): the replica's own lifecycle is to delete there.
public struct ExpirationRules: Sendable, Equatable {
  private let rules: [LifecycleRule]

  /// Picks the rules that are enabled and delete current versions.
  public init(_ lifecycle: [LifecycleRule]) {
    rules = lifecycle.filter { $0.isEnabled && $0.expiration != nil }
  }

  /// Which rule will have deleted an object by some moment; nil when none can have. Tags, which no listing shows,
  /// are taken to be those of the rule.
  ///
  /// - Parameter object: what was deleted; nil when nobody has it any more.
  func reason(
    for key: [UInt8], _ object: ObjectRecord?, deletedBy moment: Timestamp?
  ) -> String? {
    // No rule deletes what is deleted.
    guard let moment, object?.isDeleteMarker != true else { return nil }
    let rule = rules.first { rule in
      key.starts(with: rule.filter.prefix.utf8)
        && (object.map { rule.filter.takes(size: $0.size) } ?? true)
        && rule.isDue(object, at: moment)
    }
    return rule.map { "expired by lifecycle rule '\($0.id)'" }
  }
}

extension LifecycleRule {
  fileprivate func isDue(_ object: ObjectRecord?, at moment: Timestamp) -> Bool {
    switch expiration {
    case nil: return false
    case .date(let day): return day <= moment
    case .days(let days):
      guard let object else { return true }
      return object.modified.map { (moment - $0).components.seconds / 86_400 >= days } ?? false
    }
  }
}

extension LifecycleRule.Filter {
  fileprivate func takes(size: Int64) -> Bool {
    size > largerThan ?? -1 && size < smallerThan ?? .max
  }
}
