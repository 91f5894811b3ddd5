import Evidence
import Platform

/// The folders of reports that are on the disk.
enum ReportFolders {
  /// Their paths, sorted by plan and time.
  ///
  /// - Throws: ``FileError`` when a folder cannot be read: its reports must not look absent.
  static func all(in reports: String) throws(FileError) -> [String] {
    var folders: [String] = []
    for plan in try DurableFile.names(in: reports) {
      for name in try DurableFile.names(in: "\(reports)/\(plan)") {
        let folder = "\(reports)/\(plan)/\(name)"
        // A crash may have left a folder without a report; the run's resumption completes it.
        let files = try DurableFile.names(in: folder)
        if files.contains(BundleFolder.File.envelope.rawValue) { folders.append(folder) }
      }
    }
    return folders
  }
}
