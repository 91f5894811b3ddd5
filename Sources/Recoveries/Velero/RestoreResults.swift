import Platform
import StrictJSON

/// What Velero wrote down about a restore (`restore-NAME-results.gz`).
struct RestoreResults: Equatable {
  let errors: [String]
  let warnings: [String]

  /// Nil when it is not what Velero writes.
  init?(_ value: JSONValue) {
    guard value.objectValue != nil else { return nil }
    errors = Self.lines(value["errors"])
    warnings = Self.lines(value["warnings"])
  }

  private static func lines(_ part: JSONValue?) -> [String] {
    let own = ["velero", "cluster"].flatMap { place in
      (part?[place]?.arrayValue ?? []).compactMap(\.stringValue).map { "\(place): \($0)" }
    }
    let spaces = (part?["namespaces"]?.objectValue?.members ?? []).flatMap { name, lines in
      (lines.arrayValue ?? []).compactMap(\.stringValue).map { "\(name): \($0)" }
    }
    return own + spaces
  }

  /// Warnings that come with every restore: the cluster makes these objects itself.
  static let expected = ["kube-root-ca.crt already exists"]

  /// The warnings that somebody should read.
  var notable: [String] {
    warnings.filter { warning in
      !Self.expected.contains { warning.firstRange(of: $0) != nil }
    }
  }

  /// The operations on volumes that failed (`restore-NAME-itemoperations.json.gz`), with their reasons.
  /// Fields without a tag keep the names that they have in Go.
  static func failedOperations(_ operations: JSONValue?) -> [String] {
    (operations?.arrayValue ?? []).filter { $0["status"]?["phase"] == "Failed" }.map { operation in
      let item = operation["spec"]?["resourceIdentifier"]
      let name = ["Namespace", "Name"].compactMap { item?[$0]?.stringValue }
        .joined(separator: "/")
      return "\(item?["Resource"]?.stringValue ?? "object") \(name): "
        + (operation["status"]?["error"]?.stringValue ?? "it failed without a reason")
    }
  }

  /// The first few lines, and how many more there are.
  static func short(_ lines: [String], upTo count: Int = 3) -> String {
    let shown = lines.prefix(count).joined(separator: " | ")
    return lines.count > count ? "\(shown) | and \(lines.count - count) more" : shown
  }
}
