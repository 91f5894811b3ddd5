import Cryptography
import Measurement
import Platform
import RunJournal
import StrictJSON

/// NIST OSCAL 1.1.3 assessment results of a run, for CP-4, CP-9 and CP-10 of SP 800-53.
public enum OSCALReport {
  /// More steps than this are in the record, not in the log of the assessment.
  private static let maximumEntries = 2_000

  static let version = "1.1.3"
  static let namespace = "https://dr.mosaic.life/ns/oscal"

  /// The document as text.
  public static func text(_ report: RunReport) throws -> String {
    let digest = SHA256.digest(of: try report.json().canonicalBytes()).hex
    return try json(report, reportDigest: digest).prettyText()
  }

  static func json(_ report: RunReport, reportDigest: String) throws -> JSONValue {
    let ids = OSCALIdentifiers(run: report.run, ending: report.ending)
    let ended = report.account.ended.description
    let person = "\(report.creation.operatorIdentity.user)@\(report.creation.operatorIdentity.host)"
    var metadata: JSONObject = [
      "title": .string("Recovery \(report.creation.mode.rawValue) of \(report.creation.plan)"),
      "last-modified": .string(ended), "version": .string(String(report.ending)),
      "oscal-version": .string(version),
      "parties": [
        ["uuid": .string(ids["operator"]), "type": "person", "name": .string(person)]
      ],
      "roles": [["id": "operator", "title": "Operator of the recovery"]],
      "responsible-parties": [
        ["role-id": "operator", "party-uuids": [.string(ids["operator"])]]
      ],
    ]
    let approvals = report.account.approvals.enumerated().map { index, approval -> JSONValue in
      [
        "uuid": .string(ids["approval \(index)"]), "date": .string(approval.at.description),
        "type": "approval", "system": .string(namespace),
        "remarks": .string(line("\(approval.by) agreed to \(approval.step)")),
      ]
    }
    if !approvals.isEmpty { metadata["actions"] = .array(approvals) }
    let body: JSONObject = [
      "uuid": .string(ids["document"]), "metadata": .object(metadata),
      "import-ap": [
        "href": .string("#\(ids["plan"])"),
        "remarks": "The recovery plan stands in place of an assessment plan.",
      ],
      "results": [try result(report, ids)],
      "back-matter": [
        "resources": [
          resource(
            ids["plan"], "Recovery plan \(report.creation.plan)", report.creation.planDigest,
            "\(report.creation.plan).yaml", "application/yaml"),
          resource(
            ids["report"], "Record of the run", reportDigest, "report.json", "application/json"),
        ]
      ],
    ]
    return ["assessment-results": .object(body)]
  }

  private static func resource(
    _ id: String, _ title: String, _ digest: String, _ file: String, _ type: String
  ) -> JSONValue {
    // A plan of a test has no real digest; a hash that is none would not be valid.
    var link: JSONObject = ["href": .string(file), "media-type": .string(type)]
    if SHA256.Digest(hex: digest) != nil {
      link["hashes"] = [["algorithm": "SHA-256", "value": .string(digest)]]
    }
    return ["uuid": .string(id), "title": .string(line(title)), "rlinks": [.object(link)]]
  }

  private static func result(_ report: RunReport, _ ids: OSCALIdentifiers) throws -> JSONValue {
    let observations = OSCALFindings.observations(report, ids)
    let (findings, risks) = OSCALFindings.findings(report, ids)
    var result: JSONObject = [
      "uuid": .string(ids["result"]),
      "title": .string(
        line("\(OutputText.words(report.figures.verdict)): run \(report.run)")),
      "description": .string(
        line(
          "A \(report.creation.mode.rawValue) with a \(report.incident) incident. "
            + report.figures.reasons.prefix(20).joined(separator: "; "))),
      "start": .string(report.account.began.description),
      "end": .string(report.account.ended.description),
      "props": .array([
        property("verdict", report.figures.verdict.rawValue), property("run", report.run),
        property("plan-sha256", report.creation.planDigest),
        property("tool-version", report.creation.version),
      ]),
      "reviewed-controls": [
        "control-selections": [
          [
            "include-controls": .array(
              ["cp-4", "cp-4.2", "cp-9", "cp-9.1", "cp-9.2", "cp-10", "cp-10.4"].map {
                ["control-id": .string($0)]
              })
          ]
        ]
      ],
      "assessment-log": ["entries": .array(entries(report, ids))],
      "observations": .array(observations), "findings": .array(findings),
    ]
    if !risks.isEmpty { result["risks"] = .array(risks) }
    let others = ControlMapping.controls(of: report).filter { $0.framework != "NIST SP 800-53" }
    result["remarks"] = .string(
      "Also evidence for: "
        + others.map { line("\($0.framework) \($0.control)") }.joined(separator: ", "))
    return .object(result)
  }

  /// The steps that ran, as entries of the assessment's log; more are in the record.
  private static func entries(_ report: RunReport, _ ids: OSCALIdentifiers) -> [JSONValue] {
    let run: JSONValue = [
      "uuid": .string(ids["log run"]), "title": "The run",
      "start": .string(report.account.began.description),
      "end": .string(report.account.ended.description),
      "logged-by": [["party-uuid": .string(ids["operator"])]],
    ]
    return [run]
      + report.account.steps.filter { $0.began != nil }.prefix(maximumEntries).map { step in
        var entry: JSONObject = [
          "uuid": .string(ids["log \(step.id)"]), "title": .string(line(step.id)),
          "description": .string(line("\(step.summary): \(step.status)")),
          "start": .string((step.began ?? report.account.began).description),
        ]
        entry["end"] = step.ended.map { .string($0.description) }
        return .object(entry)
      }
  }

  static func property(_ name: String, _ value: String) -> JSONValue {
    ["name": .string(name), "ns": .string(namespace), "value": .string(line(value))]
  }

  /// OSCAL's strings neither begin nor end with white space, and are not empty.
  static func line(_ text: String) -> String {
    let shown = OutputText.terminal(text).split(whereSeparator: \.isNewline).joined(separator: " ")
      .trimmingWhitespace()
    return shown.isEmpty ? "none" : shown
  }
}

/// Identifiers that are the same each time: UUIDs of version 5 (RFC 9562) over the run and a name.
struct OSCALIdentifiers {
  /// A namespace of this program's own.
  private static let namespace: [UInt8] = [
    0x6D, 0x6F, 0x73, 0x61, 0x69, 0x63, 0x4D, 0x52, 0x92, 0x65, 0x63, 0x6F, 0x76, 0x65, 0x72, 0x79,
  ]

  let run: String
  let ending: Int

  subscript(name: String) -> String {
    var bytes = Array(SHA1.digest(of: Self.namespace + "\(run)/\(ending)/\(name)".utf8).prefix(16))
    bytes[6] = bytes[6] & 0x0F | 0x50
    bytes[8] = bytes[8] & 0x3F | 0x80
    let digits = Hex.encode(bytes)
    let cuts = [0, 8, 12, 16, 20, 32]
    return zip(cuts, cuts.dropFirst()).map { start, end in
      String(digits.dropFirst(start).prefix(end - start))
    }.joined(separator: "-")
  }
}
