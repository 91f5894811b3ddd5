import AWSClient
import Platform
import RunEngine

extension EKSPart {
  /// What is still waited for; nil when it can be used.
  ///
  /// - Parameters:
  ///   - kind: what it is, in words: `add-on`.
  ///   - place: the cluster and its region.
  /// - Throws: `Problem` when it will not become usable by itself.
  func wait(for kind: String, of place: String) throws -> Progress? {
    let issues = issues.isEmpty ? "" : ": \(issues.joined(separator: "; "))"
    switch status {
    case "ACTIVE", "UPDATING": return nil
    case "CREATE_FAILED", "DELETE_FAILED", "DELETING":
      throw Problem(
        "a part of the cluster cannot be used", on: "\(kind) \(name) of \(place)",
        because: "its status is \(status)\(issues)", fix: "Mend or replace it.")
    default: return Progress("\(kind) \(name) is \(status)\(issues)")
    }
  }
}
