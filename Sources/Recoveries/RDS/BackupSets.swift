import AWSClient
import Platform

/// The automated backups that a region has under one name. An instance that was deleted and made anew
/// has two sets, and the newer one need not hold what was lost. Pure.
struct BackupSets {
  /// What is restored from one of them.
  struct Choice: Equatable {
    let backup: DBInstanceAutomatedBackup
    let latest: Timestamp
    let moment: Timestamp
  }

  let backups: [DBInstanceAutomatedBackup]

  /// What each set gives that reaches to the bound, the one that comes nearest first.
  ///
  /// - Parameter asked: the moment asked for, which has to lie within the window; of an incident the
  ///   window may end before it.
  func choices(asked: Timestamp?, incident: Timestamp) -> [Choice] {
    backups.compactMap { backup -> Choice? in
      guard let latest = backup.latestTime, asked.map({ $0 <= latest }) ?? true,
        let moment = Timestamp.restorable(
          from: backup.earliestTime, to: latest, notAfter: asked ?? incident)
      else { return nil }
      return Choice(backup: backup, latest: latest, moment: moment)
    }.sorted { ($0.moment, $0.latest) > ($1.moment, $1.latest) }
  }

  /// The windows, for people; nil when no set has one.
  var windows: String? {
    let windows = backups.compactMap { backup in
      backup.latestTime.map {
        "from \(backup.earliestTime?.description ?? "an unknown time") to \($0)"
      }
    }
    return windows.isEmpty ? nil : windows.joined(separator: " and ")
  }
}
