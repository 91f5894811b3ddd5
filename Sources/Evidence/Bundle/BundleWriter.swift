import Compression
import Cryptography
import Measurement
import Platform
import RunJournal
import StrictJSON

/// Who signs a report, and how.
public struct ReportSigners: Sendable {
  /// The signers of the envelope, the first of them this installation's.
  public let signers: [any Signer]
  /// The key as minisign names it, for the second form of signature; nil when the first signer's is
  /// no Ed25519 key.
  public let minisign: Minisign.PublicKey?

  /// Creates the set; it is never empty.
  public init(_ first: any Signer, number: [UInt8]? = nil, others: [any Signer] = []) {
    signers = [first] + others
    minisign = first.publicKey.ed25519.map { Minisign.PublicKey($0, number: number) }
  }

  var first: PublicKey? { signers.first?.publicKey }
}

/// Writes the folder of a report. Each file is whole and durable or not there; what is there already
/// is kept, so that the write can be repeated after a crash.
public struct BundleWriter: Sendable {
  /// How secrets are kept out, as the statement says it.
  static let redaction = "secrets are of a type that cannot be encoded; none was ever in a digest"

  private let reports: String
  private let signers: ReportSigners

  /// Creates a writer below the folder of a plan's reports.
  public init(reports: String, signers: ReportSigners) {
    self.reports = reports
    self.signers = signers
  }

  /// What was written.
  public struct Written: Sendable {
    /// The folder.
    public let folder: BundleFolder
    /// SHA-256 of the uncompressed record.
    public let reportDigest: String
    /// SHA-256 of the statement, the payload of the envelope.
    public let statementDigest: String
  }

  /// Writes everything but the ledger's proof, which needs what this returns.
  public func write(_ report: RunReport, ledger: LedgerPlace?) async throws -> Written {
    let folder = BundleFolder(of: report, in: reports)
    try DurableFile.makeFolder(folder.path, mode: 0o700)
    let (record, frame, kept) = try record(of: report, in: folder)
    let html = Array(HTMLReport.page(kept).utf8)
    let oscal = try OSCALReport.json(kept, reportDigest: SHA256.digest(of: record).hex)
      .canonicalBytes()
    let subjects = [
      (BundleFolder.File.plainReport.rawValue, SHA256.digest(of: record)),
      (BundleFolder.File.report.rawValue, SHA256.digest(of: frame)),
      (Statement.journal, SHA256.digest(of: try kept.journalLines())),
      (BundleFolder.File.html.rawValue, SHA256.digest(of: html)),
      (BundleFolder.File.oscal.rawValue, SHA256.digest(of: oscal)),
    ]
    try place(frame, .report, folder)
    try place(html, .html, folder)
    try place(oscal, .oscal, folder)
    try await sign(kept, frame, folder)
    let statement = try Statement.json(
      about: kept, subjects: subjects, ledger: ledger, redaction: Self.redaction
    ).canonicalBytes()
    let payload = try await envelope(statement, folder)
    return Written(
      folder: folder, reportDigest: SHA256.digest(of: record).hex,
      statementDigest: SHA256.digest(of: payload).hex)
  }

  /// Writes the proof that the ledger names the report.
  public func write(_ proof: InclusionProof, in folder: BundleFolder) throws {
    guard !folder.has(.proof) else { return }
    try DurableFile.write(
      Array(proof.text.utf8), to: folder.path(of: .proof), mode: 0o600, existing: .refuse)
  }

  /// Adds signatures to the envelope of a report that is there, as an approver does.
  public static func countersign(_ folder: BundleFolder, with signer: any Signer) async throws {
    let path = folder.path(of: .envelope)
    let bytes = try DurableFile.read(path, limit: Envelope.maximumSize)
    guard let known = (try? JSONValue(parsing: bytes)).flatMap(Envelope.init(json:)) else {
      throw Problem(
        "the report cannot be signed", on: path, because: "it is no DSSE envelope",
        fix: "Name the folder of a report.")
    }
    let more = try await known.signed(by: [signer])
    if more == known { return }
    try DurableFile.write(
      try more.json.canonicalBytes(), to: path, mode: 0o600, existing: .replace)
  }

  /// The record that counts: the one that was written before a crash, if it is of the same events.
  private func record(
    of report: RunReport, in folder: BundleFolder
  ) throws -> (record: [UInt8], frame: [UInt8], report: RunReport) {
    if let frame = folder.read(.report, limit: RunReport.maximumSize),
      let record = try? ZstdFrame.decompress(frame),
      let known = (try? JSONValue(parsing: record, limits: RunReport.limits)).flatMap({
        try? RunReport(json: $0)
      }),
      known.events == report.events
    {
      return (record, frame, known)
    }
    let record = try report.json().canonicalBytes()
    return (record, try ZstdFrame.compress(record), report)
  }

  private func sign(_ report: RunReport, _ frame: [UInt8], _ folder: BundleFolder) async throws {
    guard let first = signers.signers.first else { return }
    try place(Array(first.publicKey.pem.utf8), .pem, folder)
    guard let key = signers.minisign else { return }
    try place(Array(key.file.utf8), .minisignKey, folder)
    guard !folder.has(.minisig) else { return }
    let comment =
      "timestamp:\(report.account.ended.unixSeconds)\tfile:\(BundleFolder.File.report.rawValue)"
      + "\thashed\trun:\(report.run)\tverdict:\(report.figures.verdict.rawValue)"
    let text = try await Minisign.sign(frame, comment: comment, key: key, with: first)
    try place(Array(text.utf8), .minisig, folder)
  }

  /// Signs, unless there is an envelope whose statement is about the same subjects already.
  private func envelope(_ statement: [UInt8], _ folder: BundleFolder) async throws -> [UInt8] {
    if let bytes = folder.read(.envelope, limit: Envelope.maximumSize),
      let known = (try? JSONValue(parsing: bytes)).flatMap(Envelope.init(json:)),
      let key = signers.first, !known.signers(among: [key]).isEmpty,
      let old = try? JSONValue(parsing: known.payload),
      let new = try? JSONValue(parsing: statement), old["subject"] == new["subject"]
    {
      return known.payload
    }
    let envelope = try await Envelope(
      signing: statement, type: Envelope.inToto, with: signers.signers)
    guard envelope.message.count <= Envelope.maximumMessage else {
      throw Problem(
        "the report cannot be signed", on: folder.path,
        because: "its statement has more than \(Envelope.maximumMessage) bytes",
        fix: "This is a defect of this program: please report it.")
    }
    try place(try envelope.json.canonicalBytes(), .envelope, folder)
    return statement
  }

  private func place(_ bytes: [UInt8], _ file: BundleFolder.File, _ folder: BundleFolder) throws {
    let path = folder.path(of: file)
    do throws(FileError) {
      try DurableFile.write(bytes, to: path, mode: 0o600, existing: .refuse)
    } catch {
      guard error.alreadyExists, try DurableFile.read(path, limit: 256 << 20) == bytes else {
        throw error
      }
    }
  }
}

extension RunReport {
  /// Whether everything that ``BundleWriter`` writes is there: a crash may have come in between.
  ///
  /// - Parameter ledger: whether the ledger's proof belongs to it.
  public func isWritten(in reports: String, ledger: Bool) -> Bool {
    let folder = BundleFolder(of: self, in: reports)
    let files: [BundleFolder.File] = [.report, .html, .oscal, .pem, .envelope]
    return files.allSatisfy(folder.has) && (!ledger || folder.has(.proof))
  }
}
