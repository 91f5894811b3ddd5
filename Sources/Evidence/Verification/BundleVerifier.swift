import Compression
import Cryptography
import Measurement
import Platform
import RunJournal
import StrictJSON

/// Checks the folder of a report: signatures before anything else, digests before anything is
/// parsed, then that everything in it follows from its own events.
public struct BundleVerifier {
  private let folder: BundleFolder
  private let policy: VerificationPolicy
  private var checks: [String] = []
  private var notes: [String] = []

  private init(_ folder: BundleFolder, _ policy: VerificationPolicy) {
    self.folder = folder
    self.policy = policy
  }

  /// Verifies a folder, or the folder of a file in it.
  ///
  /// - Throws: ``VerificationFailure`` with the first thing that does not hold.
  public static func verify(
    _ path: String, _ policy: VerificationPolicy
  ) throws(VerificationFailure) -> VerifiedReport {
    var verifier = BundleVerifier(BundleFolder(path), policy)
    return try verifier.verify()
  }

  private func failure(_ reason: String) -> VerificationFailure {
    VerificationFailure(file: folder.path, reason: reason)
  }

  private mutating func verify() throws(VerificationFailure) -> VerifiedReport {
    let (statement, digest) = try signedStatement()
    let content = try record(statement)
    guard let json = try? JSONValue(parsing: content, limits: RunReport.limits) else {
      throw failure("its record is no JSON")
    }
    let report: RunReport
    do throws(ReportFault) { report = try RunReport(json: json) } catch {
      throw failure(error.reason)
    }
    checks.append("the chain of \(report.events.count) events is whole")
    checks.append("figures, timeline and all else follow from the events")
    try compare(statement, report)
    try renderings(statement, report)
    let lists = try AttachedLists.verify(report, beside: folder)
    checks += lists.checks
    notes += lists.notes
    try minisignature(report)
    try ledger(statement, report, statementDigest: digest)
    try demands(statement, report)
    return VerifiedReport(checks: checks, notes: notes, report: report)
  }

  private mutating func signedStatement() throws(VerificationFailure) -> (JSONValue, String) {
    guard let text = folder.read(.envelope, limit: Envelope.maximumSize) else {
      throw failure("\(BundleFolder.File.envelope.rawValue), which holds the signature, is missing")
    }
    guard let envelope = (try? JSONValue(parsing: text)).flatMap(Envelope.init(json:)) else {
      throw failure("\(BundleFolder.File.envelope.rawValue) is no DSSE envelope with a signature")
    }
    guard envelope.payloadType == Envelope.inToto else {
      throw failure("what is signed is of the type \(OutputText.terminal(envelope.payloadType))")
    }
    let signers = envelope.signers(among: policy.trusted.isEmpty ? keyBeside() : policy.trusted)
    guard !signers.isEmpty else { throw failure("no trusted key has signed it") }
    guard signers.count >= policy.threshold else {
      throw failure(
        "\(signers.count) trusted key(s) have signed it, and \(policy.threshold) must have")
    }
    for signer in signers {
      checks.append(
        "signed by the \(policy.trusted.isEmpty ? "" : "trusted ")key \(signer.identifier)")
    }
    if policy.trusted.isEmpty {
      notes.append("the key is NOT PINNED, only found beside the report: give --trust")
    }
    guard let statement = try? JSONValue(parsing: envelope.payload),
      statement["_type"]?.stringValue == Statement.type,
      statement["predicateType"]?.stringValue == Statement.predicateType
    else { throw failure("what is signed is no statement about a run") }
    return (statement, SHA256.digest(of: envelope.payload).hex)
  }

  private func keyBeside() -> [PublicKey] {
    guard let bytes = folder.read(.pem, limit: 65_536) else { return [] }
    return PublicKey(pem: String(decoding: bytes, as: UTF8.self)).map { [$0] } ?? []
  }

  /// The record's bytes, once their digest is the one that was signed. The compressed bytes are
  /// checked before a decompressor sees them.
  private mutating func record(_ statement: JSONValue) throws(VerificationFailure) -> [UInt8] {
    let plain = BundleFolder.File.plainReport
    let content: [UInt8]
    if let frame = folder.read(.report, limit: RunReport.maximumSize) {
      guard
        Statement.digest(of: BundleFolder.File.report.rawValue, in: statement)
          == SHA256.digest(of: frame).hex
      else { throw failure("its bytes are not those that were signed") }
      checks.append("the compressed bytes are those that were signed")
      do throws(Problem) { content = try ZstdFrame.decompress(frame) } catch {
        throw failure("its frame is refused: \(error.reason)")
      }
    } else if let bytes = folder.read(plain, limit: RunReport.maximumSize) {
      notes.append("the record was verified decompressed: \(plain.rawValue)")
      content = bytes
    } else {
      throw failure("\(BundleFolder.File.report.rawValue) cannot be read")
    }
    guard Statement.digest(of: plain.rawValue, in: statement) == SHA256.digest(of: content).hex
    else { throw failure("its content is not what was signed") }
    checks.append("the content is what was signed")
    return content
  }

  private mutating func compare(
    _ statement: JSONValue, _ report: RunReport
  ) throws(VerificationFailure) {
    let predicate = statement["predicate"]
    guard let lines = try? report.journalLines(),
      Statement.digest(of: Statement.journal, in: statement) == SHA256.digest(of: lines).hex
    else { throw failure("its journal is not the one that was signed") }
    let same: [(String, JSONValue?, JSONValue?)] = [
      ("run", predicate?["run"], .string(report.run)),
      ("verdict", predicate?["verdict"], .string(report.figures.verdict.rawValue)),
      ("plan", predicate?["plan"]?["sha256"], .string(report.creation.planDigest)),
      ("plan", predicate?["plan"]?["name"], .string(report.creation.plan)),
      ("RTO", predicate?["objectives"]?["rto"], try? JSONValue(encoding: report.figures.rto)),
      ("RPO", predicate?["objectives"]?["rpo"], try? JSONValue(encoding: report.figures.rpo)),
    ]
    for (name, signed, found) in same where signed != found || found == nil {
      throw failure("the statement speaks of another \(name)")
    }
    checks.append("the statement names this run, its plan, its figures and its verdict")
  }

  private mutating func renderings(
    _ statement: JSONValue, _ report: RunReport
  ) throws(VerificationFailure) {
    for file in [BundleFolder.File.html, .oscal] {
      guard let bytes = folder.read(file, limit: RunReport.maximumSize) else {
        notes.append("\(file.rawValue) is not there")
        continue
      }
      guard Statement.digest(of: file.rawValue, in: statement) == SHA256.digest(of: bytes).hex
      else { throw failure("\(file.rawValue) is not the one that was signed") }
      checks.append("\(file.rawValue) is the one that was signed")
    }
  }

  private mutating func minisignature(_ report: RunReport) throws(VerificationFailure) {
    guard let text = folder.read(.minisig, limit: 65_536),
      let frame = folder.read(.report, limit: RunReport.maximumSize)
    else {
      notes.append("there is no minisign signature")
      return
    }
    let keys = (policy.trusted.isEmpty ? keyBeside() : policy.trusted).compactMap(\.ed25519)
    guard let file = Minisign.SignatureFile(String(decoding: text, as: UTF8.self)),
      keys.contains(where: { file.isValid(for: frame, by: $0) })
    else { throw failure("its minisign signature does not hold") }
    let verdict = report.figures.verdict.rawValue
    guard file.comment.hasSuffix("\trun:\(report.run)\tverdict:\(verdict)") else {
      throw failure("its minisign signature speaks of another run or verdict")
    }
    checks.append("the minisign signature holds too")
  }

  private mutating func demands(
    _ statement: JSONValue, _ report: RunReport
  ) throws(VerificationFailure) {
    if let run = policy.run {
      guard report.run == run else { throw failure("it is about run \(report.run)") }
      checks.append("it is about the run asked for")
    }
    if let plan = policy.plan {
      guard [report.creation.plan, report.creation.planDigest].contains(plan) else {
        throw failure("its plan is \(report.creation.plan) (\(report.creation.planDigest))")
      }
      checks.append("its plan is the one asked for")
    }
    if let age = policy.maximumAge {
      let found = policy.now - report.account.ended
      guard found <= age else { throw failure("it is \(found.readable) old") }
      checks.append("it is not older than asked for")
    }
    if let challenge = policy.challenge {
      guard statement["predicate"]?["challenge"]?.stringValue == challenge,
        report.creation.options["challenge"] == challenge
      else { throw failure("the run was not given the challenge asked for") }
      checks.append("the run was given the challenge asked for")
    }
  }

  private mutating func ledger(
    _ statement: JSONValue, _ report: RunReport, statementDigest: String
  ) throws(VerificationFailure) {
    guard let place = statement["predicate"]?["ledger"] else {
      notes.append("the run is in NO LEDGER: that others are missing would not show")
      return
    }
    guard let bytes = folder.read(.proof, limit: InclusionProof.maximumSize) else {
      throw failure(
        "\(BundleFolder.File.proof.rawValue), which proves its place in the ledger, is missing")
    }
    let keys = (policy.trusted.isEmpty ? keyBeside() : policy.trusted).compactMap(\.ed25519)
    guard let proof = InclusionProof(String(decoding: bytes, as: UTF8.self)),
      let line = proof.line, let entry = LedgerEntry(line, at: proof.index),
      let checkpoint = proof.checkpoint(proving: line)
    else { throw failure("the proof of its place in the ledger does not hold") }
    guard place["origin"]?.stringValue == checkpoint.origin,
      keys.contains(where: { proof.note.isValid(name: checkpoint.origin, key: $0) })
    else { throw failure("no trusted key has signed the checkpoint of its ledger") }
    guard entry.kind == .runFinished, entry.run == report.run,
      entry.json["statement_sha256"]?.stringValue == statementDigest,
      entry.json["start"] == place["start"],
      entry.json["verdict"]?.stringValue == report.figures.verdict.rawValue
    else { throw failure("the ledger's entry is about another report") }
    checks.append(
      "entry \(entry.index) of \(checkpoint.size) of the ledger \(checkpoint.origin) names it")
  }
}
