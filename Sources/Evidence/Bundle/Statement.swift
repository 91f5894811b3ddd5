import Cryptography
import Measurement
import Platform
import RunJournal
import StrictJSON

/// Where the start of a run stands in a ledger.
public struct LedgerPlace: Sendable, Equatable {
  /// The ledger's name.
  public let origin: String
  /// The index of the entry that says that the run began.
  public let start: Int

  /// Creates a place.
  public init(origin: String, start: Int) {
    self.origin = origin
    self.start = start
  }
}

/// The in-toto Statement v1 about a report: digests of its forms, and what it comes down to.
enum Statement {
  static let type = "https://in-toto.io/Statement/v1"
  static let predicateType = "https://dr.mosaic.life/attestations/recovery-run/v2"
  /// The name of the subject that is no file: the events, one to a line.
  static let journal = "journal.jsonl"

  static func json(
    about report: RunReport, subjects: [(name: String, digest: SHA256.Digest)],
    ledger: LedgerPlace?, redaction: String
  ) throws -> JSONValue {
    let figures = report.figures
    var predicate: JSONObject = [
      "run": .string(report.run), "ending": .integer(Int64(report.ending)),
      "mode": .string(report.creation.mode.rawValue), "incident": .string(report.incident),
      "verdict": .string(figures.verdict.rawValue),
      "started_on": .string(report.account.began.description),
      "finished_on": .string(report.account.ended.description),
      "plan": [
        "name": .string(report.creation.plan), "sha256": .string(report.creation.planDigest),
      ],
      "tool": ["name": "mosaic-dr", "version": .string(report.creation.version)],
      "objectives": [
        "rto": try JSONValue(encoding: figures.rto), "rpo": try JSONValue(encoding: figures.rpo),
      ],
      "clock": [
        "jumps": .integer(Int64(report.events.count { $0.type == .clockJumped })),
        "boots": .integer(Int64(Set(report.account.executors.map(\.boot)).count)),
      ],
      "journal": [
        "events": .integer(Int64(report.events.count)),
        "last_hash": .string(report.events.last?.hash ?? ""),
      ],
      "redaction": .string(redaction),
    ]
    predicate["challenge"] = report.creation.options["challenge"].map { .string($0) }
    predicate["ledger"] = ledger.map {
      ["origin": .string($0.origin), "start": .integer(Int64($0.start))]
    }
    return [
      "_type": .string(type), "predicateType": .string(predicateType),
      "subject": .array(
        subjects.map { name, digest in
          ["name": .string(name), "digest": ["sha256": .string(digest.hex)]]
        }),
      "predicate": .object(predicate),
    ]
  }

  /// The digest of a subject; nil when it is not one.
  static func digest(of name: String, in statement: JSONValue) -> String? {
    let found = (statement["subject"]?.arrayValue ?? []).filter { $0["name"]?.stringValue == name }
    return found.count == 1 ? found[0]["digest"]?["sha256"]?.stringValue : nil
  }
}
