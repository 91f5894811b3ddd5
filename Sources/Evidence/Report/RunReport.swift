import Compression
public import Cryptography
public import Measurement
import Platform
public import RunJournal
public import StrictJSON

/// The record of a run: what it was asked for, every event, and the figures that follow from them.
public struct RunReport: Sendable {
  /// The version of the format.
  public static let format = "https://dr.mosaic.life/report/v1"
  /// What the statement about a report is.
  public static let predicateType = "https://dr.mosaic.life/attestations/recovery-run/v1"

  /// The run's events.
  public let events: [JournalEvent]
  /// What follows from them.
  public let figures: RunFigures
  /// What the run was created with.
  public let creation: RunCreation

  /// Nil when the events are not those of a run.
  public init?(_ events: [JournalEvent]) {
    guard let creation = events.first.flatMap({ try? $0.body.decode(RunCreation.self) }),
      let figures = RunFigures(events)
    else { return nil }
    self.events = events
    self.figures = figures
    self.creation = creation
  }

  /// The identifier of the run.
  public var run: String { events.first?.run ?? "" }

  /// The report as JSON.
  public func json() throws -> JSONValue {
    [
      "format": .string(Self.format), "run": .string(run),
      "plan": ["name": .string(creation.plan), "sha256": .string(creation.planDigest)],
      "mode": .string(creation.mode.rawValue), "figures": try JSONValue(encoding: figures),
      "events": .array(events.map(\.json)),
      "journal": [
        "events": .integer(Int64(events.count)), "last_hash": .string(events.last?.hash ?? ""),
      ],
    ]
  }

  /// A run that went on after its end has a report for each end; none is ever overwritten.
  private var stem: String {
    let ends = events.count { $0.type == .runFinished }
    return ends > 1 ? "\(run)-\(ends)" : run
  }

  /// Where the compressed report stands in a folder.
  public func path(in folder: String) -> String { "\(folder)/\(stem).report.json.zst" }

  /// Whether report, signature and public key are there: a crash may have come between them.
  public func isWritten(in folder: String) -> Bool {
    ["report.json.zst", "intoto.json", "pem"].allSatisfy {
      DurableFile.exists("\(folder)/\(stem).\($0)")
    }
  }

  /// The in-toto statement about the report's two forms.
  func statement(report: [UInt8], frame: [UInt8], name: String) throws -> JSONValue {
    let subject = { (name: String, bytes: [UInt8]) -> JSONValue in
      ["name": .string(name), "digest": ["sha256": .string(SHA256.digest(of: bytes).hex)]]
    }
    return [
      "_type": "https://in-toto.io/Statement/v1", "predicateType": .string(Self.predicateType),
      "subject": .array([subject(name, report), subject("\(name).zst", frame)]),
      "predicate": [
        "run": .string(run), "mode": .string(creation.mode.rawValue),
        "verdict": .string(figures.verdict.rawValue),
        "plan": ["name": .string(creation.plan), "sha256": .string(creation.planDigest)],
        "rto": try JSONValue(encoding: figures.rto), "rpo": try JSONValue(encoding: figures.rpo),
        "tool": ["name": "mosaic-dr", "version": .string(creation.version)],
      ],
    ]
  }

  /// Writes report, signature and public key into a folder; a second try after a crash finds the
  /// same bytes and is content.
  ///
  /// - Returns: the path of the compressed report.
  public func write(to folder: String, key: Ed25519.SigningKey) throws -> String {
    try DurableFile.makeFolder(folder, mode: 0o700)
    let report = try json().canonicalBytes()
    let frame = try ZstdFrame.compress(report)
    let name = "\(stem).report.json"
    let statement = try statement(report: report, frame: frame, name: name).canonicalBytes()
    let envelope = Envelope(signing: statement, type: Envelope.inToto, with: key)
    try place(frame, at: "\(folder)/\(name).zst")
    try place(try envelope.json.canonicalBytes(), at: "\(folder)/\(stem).intoto.json")
    try place(Array(key.verifyingKey.pem.utf8), at: "\(folder)/\(stem).pem")
    return path(in: folder)
  }

  private func place(_ bytes: [UInt8], at path: String) throws {
    do throws(FileError) {
      try DurableFile.write(bytes, to: path, mode: 0o600, existing: .refuse)
    } catch {
      guard error.alreadyExists, try DurableFile.read(path, limit: 256 << 20) == bytes else {
        throw error
      }
    }
  }
}
