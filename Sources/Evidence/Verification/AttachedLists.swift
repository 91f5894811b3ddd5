import Cryptography
import Measurement
import Platform
import RunJournal
import StrictJSON

/// Lists that a run wrote beside the folder of its report: too long for the record, which has their digests.
enum AttachedLists {
  /// What was found of them.
  struct Found {
    var checks: [String] = []
    var notes: [String] = []
  }

  /// Holds each list that is there against its digest.
  ///
  /// - Throws: ``VerificationFailure`` for a list that is another.
  static func verify(
    _ report: RunReport, beside folder: BundleFolder
  ) throws(VerificationFailure) -> Found {
    var found = Found()
    for step in report.account.steps {
      guard let name = step.evidence["findings_file"]?.stringValue, !name.contains("/"),
        let digest = step.evidence["findings_sha256"]?.stringValue
      else { continue }
      let file = "\(DurableFile.folder(of: folder.path))/\(name)"
      guard DurableFile.exists(file) else {
        found.notes.append("\(name), the list of \(step.id), is not beside the report")
        continue
      }
      guard let bytes = try? DurableFile.read(file, limit: RunReport.maximumSize) else {
        found.notes.append("\(name) is too large to be read here; its SHA-256 is to be \(digest)")
        continue
      }
      guard SHA256.digest(of: bytes).hex == digest else {
        throw VerificationFailure(
          file: file, reason: "it is not the list that \(step.id) has written")
      }
      found.checks.append("\(name) is the list that \(step.id) has written")
    }
    return found
  }
}
