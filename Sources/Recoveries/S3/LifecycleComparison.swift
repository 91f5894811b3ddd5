import AWSClient
import BucketComparison
import Platform
import RunJournal

/// What the lifecycle of a replica deletes that the source keeps, or keeps longer, and what it archives. S3
/// counts the days of a replica from when the original was made (S3 User Guide, "Lifecycle and replication").
///
/// Each action of a rule of the replica may be done by rules of its own at the source, and by several that share
/// its objects by their sizes.
struct LifecycleComparison {
  let source: [LifecycleRule]
  let replica: [LifecycleRule]
  let now: Timestamp
  /// Whether older versions are to be at the replica too.
  let versionsMatter: Bool

  func findings(source: String, replica: String) -> [Finding] {
    let enabled = self.replica.filter(\.isEnabled)
    let current = enabled.compactMap { rule in
      rule.expiration.flatMap { own in
        lack(rule, \.expiration, { isNoLater($0, than: own) }).map { theirs in
          Finding(
            .warning,
            "Lifecycle rule '\(rule.id)' of \(replica) deletes \(describe(rule.filter)) "
              + "\(describe(own)); \(source) \(theirs.map { "only \(describe($0))" } ?? "keeps it")."
          )
        }
      }
    }
    let older = enabled.compactMap { rule in
      rule.oldVersions.flatMap { own in
        lack(rule, \.oldVersions, { $0.days <= own.days && $0.kept <= own.kept }).map { theirs in
          Finding(
            versionsMatter ? .warning : .note,
            "Lifecycle rule '\(rule.id)' of \(replica) deletes older versions of "
              + "\(describe(rule.filter)) \(describe(own)); "
              + "\(source) \(theirs.map { "only \(describe($0))" } ?? "keeps them").")
        }
      }
    }
    return current + older + enabled.flatMap { archivals(by: $0, of: replica) }
  }

  /// Whatever the source does with them: users can only be led over to what can be read.
  private func archivals(by rule: LifecycleRule, of replica: String) -> [Finding] {
    (rule.transitions ?? []).compactMap { move in
      StorageClasses.thawing[move.storageClass].map { hours in
        Finding(
          .warning,
          "Lifecycle rule '\(rule.id)' of \(replica) moves \(describe(rule.filter)) to "
            + "\(move.storageClass) \(describe(move.time)): to be read it must be restored first, "
            + "which takes \(hours).")
      }
    }
  }

  /// What the source does with the objects of a rule when it does not delete them as soon: its own terms, or
  /// nothing when it keeps some. Nil when it deletes them as soon.
  private func lack<Terms>(
    _ rule: LifecycleRule, _ terms: KeyPath<LifecycleRule, Terms?>, _ isAsSoon: (Terms) -> Bool
  ) -> Terms?? {
    let others = source.compactMap { other in
      other.isEnabled ? other[keyPath: terms].map { (filter: other.filter, terms: $0) } : nil
    }
    if others.filter({ isAsSoon($0.terms) }).map(\.filter).takeAll(of: rule.filter) { return nil }
    if let one = others.first(where: { $0.filter.takesAll(of: rule.filter) }) { return one.terms }
    guard others.map(\.filter).takeAll(of: rule.filter) else { return .some(nil) }
    // They share its objects, and some of them delete their part later.
    return .some(
      others.first { $0.filter.takesKeysAndTags(of: rule.filter) && !isAsSoon($0.terms) }?.terms)
  }

  private func isNoLater(
    _ one: LifecycleRule.Expiration, than other: LifecycleRule.Expiration
  ) -> Bool {
    switch (one, other) {
    case (.days(let one), .days(let other)): one <= other
    case (.date(let one), .date(let other)): one <= max(other, now)
    // From its day on a date deletes everything at once; until then nothing.
    case (.date(let day), .days): day <= now
    case (.days, .date): false
    }
  }

  private func describe(_ filter: LifecycleRule.Filter) -> String {
    var words = [filter.prefix.isEmpty ? "everything" : "'\(filter.prefix)'"]
    let tags = filter.tags.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    if !tags.isEmpty { words.append("tagged \(tags.joined(separator: ", "))") }
    if let size = filter.largerThan { words.append("above \(Int(size).grouped) bytes") }
    if let size = filter.smallerThan { words.append("below \(Int(size).grouped) bytes") }
    return words.joined(separator: " ")
  }

  private func describe(_ expiration: LifecycleRule.Expiration) -> String {
    switch expiration {
    case .days(let days): "after \(count(days))"
    case .date(let date): "from \(date.formatted(fractionDigits: 0).prefix(10)) on"
    }
  }

  private func describe(_ terms: LifecycleRule.OldVersions) -> String {
    "\(count(terms.days)) after newer ones"
      + (terms.kept > 0 ? ", but for \(terms.kept.grouped)" : "")
  }

  private func count(_ days: Int) -> String { "\(days.grouped) day\(days == 1 ? "" : "s")" }
}
