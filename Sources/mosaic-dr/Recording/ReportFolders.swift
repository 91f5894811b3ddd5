import Evidence
import Platform

/// The folders of reports that are on the disk.
enum ReportFolders {
  /// Their paths, sorted by plan and time.
  static func all(in reports: String) -> [String] {
    guard DurableFile.exists(reports) else { return [] }
    var folders: [String] = []
    for plan in DurableFile.names(in: reports) {
      for name in DurableFile.names(in: "\(reports)/\(plan)") {
        let folder = "\(reports)/\(plan)/\(name)"
        // A crash may have left a folder without a report; the run's resumption completes it.
        if DurableFile.exists(BundleFolder(folder).path(of: .envelope)) { folders.append(folder) }
      }
    }
    return folders
  }
}
