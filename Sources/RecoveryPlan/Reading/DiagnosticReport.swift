import Platform
import PositionedYAML
public import StrictJSON

/// The mistakes in plans for programs: plain JSON, or SARIF 2.1.0 (OASIS), which code review shows in
/// place.
public enum DiagnosticReport {
  /// Where SARIF is defined.
  public static let sarifSchema =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

  /// Each mistake with its place and its fix.
  public static func json(_ diagnostics: [Diagnostic]) -> JSONValue {
    .array(
      diagnostics.map { diagnostic in
        [
          "severity": .string(diagnostic.severity.rawValue), "file": .string(diagnostic.file),
          "line": .integer(Int64(diagnostic.position.line)),
          "column": .integer(Int64(diagnostic.position.column)),
          "message": .string(diagnostic.message), "fix": .string(diagnostic.fix),
        ]
      })
  }

  /// One run of this program, in the given version, whose results are the mistakes.
  public static func sarif(_ diagnostics: [Diagnostic], version: String) -> JSONValue {
    let rule: JSONValue = [
      "id": "plan", "name": "RecoveryPlan",
      "shortDescription": ["text": "A recovery plan must be one that can be compiled."],
    ]
    let driver: JSONValue = [
      "name": "mosaic-dr", "version": .string(version), "rules": [rule],
    ]
    return [
      "$schema": .string(sarifSchema), "version": "2.1.0",
      "runs": [
        ["tool": ["driver": driver], "results": .array(diagnostics.map(result))]
      ],
    ]
  }

  private static func result(_ diagnostic: Diagnostic) -> JSONValue {
    let region: JSONValue = [
      "startLine": .integer(Int64(diagnostic.position.line)),
      "startColumn": .integer(Int64(diagnostic.position.column)),
    ]
    let place: JSONValue = [
      "physicalLocation": [
        "artifactLocation": artifact(diagnostic.file), "region": region,
      ]
    ]
    return [
      "ruleId": "plan", "level": .string(diagnostic.severity.rawValue),
      "message": ["text": .string("\(diagnostic.message). \(diagnostic.fix)")],
      "locations": [place],
    ]
  }

  /// A file as SARIF names it (section 3.4): a relative one from the root of the sources, which a viewer
  /// knows by the name `%SRCROOT%`.
  private static func artifact(_ file: String) -> JSONValue {
    var path = file[...]
    while path.hasPrefix("./") { path = path.dropFirst(2).drop { $0 == "/" } }
    let encoded = PercentEncoding.encode(path, keepingSlashes: true)
    return file.hasPrefix("/")
      ? ["uri": .string("file://\(encoded)")]
      : ["uri": .string(encoded), "uriBaseId": "%SRCROOT%"]
  }
}
