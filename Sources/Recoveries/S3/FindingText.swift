import Platform
import StrictJSON

/// A line of a list of findings as a sentence: `missing 'late/a' (136 bytes): the replica does not have it`.
enum FindingText {
  /// The sentence; a line that is none stays as it is.
  static func of(_ line: String) -> String {
    guard let json = try? JSONValue(parsing: Array(line.utf8)),
      let kind = json["kind"]?.stringValue,
      let key = json["key"]?.stringValue ?? json["key_encoded"]?.stringValue,
      let reason = json["reason"]?.stringValue
    else { return line }
    let record = json["source"] ?? json["replica"]
    let version = json["version"]?.stringValue.map { ", version \($0)" } ?? ""
    let size =
      record?["delete_marker"] == nil
      ? record?["size"]?.integerValue.map { "\(Int($0).grouped) bytes" } : "a delete marker"
    let details = [size, record?["modified"]?.stringValue].compactMap { $0 }
    let told = details.isEmpty ? "" : " (\(details.joined(separator: ", ")))"
    return "\(kind.replacingAll("_", with: " ")) '\(key)'\(version)\(told): \(reason)"
  }
}
