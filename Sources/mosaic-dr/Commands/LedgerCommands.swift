import Cryptography
import Evidence
import EvidenceServices
import Platform
import RecoveryPlan
import RunJournal
import StrictJSON

/// Commands about the append-only record of all runs.
enum LedgerCommands {
  static func ledger(_ arguments: Arguments, _ terminal: Terminal) async throws -> ExitCode {
    let surroundings = Surroundings(arguments)
    if let word = arguments.operands.first { try arguments.answersWithTextAlone("ledger \(word)") }
    try surroundings.requireStateFolder()
    switch arguments.operands.first {
    case nil: return try list(arguments, surroundings, terminal)
    case "verify": return try await verify(arguments, surroundings, terminal)
    case "prove": return try prove(arguments, surroundings, terminal)
    case "anchor": return try await anchor(surroundings, terminal)
    case "rotate": return try await rotate(arguments, surroundings, terminal)
    case let other?:
      throw UsageError(
        message: "'ledger' knows no '\(other)'",
        fix: "Write 'mosaic-dr ledger', or one of verify, prove, anchor and rotate after it.")
    }
  }

  private static func list(
    _ arguments: Arguments, _ surroundings: Surroundings, _ terminal: Terminal
  ) throws -> ExitCode {
    let content = try surroundings.ledger.read()
    if try arguments.choice("--output", of: ["text", "json"]) == "json" {
      terminal.output(JSONValue.array(content.entries.map(\.json)).prettyText())
      return .success
    }
    for entry in content.entries {
      let about = [
        entry.run, entry.json["plan"]?.stringValue, entry.json["verdict"]?.stringValue,
        entry.json["reason"]?.stringValue,
      ]
      terminal.output(
        "\(String(entry.index).leftPadded(6))  \(entry.at.formatted(fractionDigits: 0))  "
          + "\(entry.kind.rawValue.rightPadded(14)) "
          + about.compactMap { $0 }.joined(separator: "  "))
    }
    if let note = content.note { terminal.output("\n\(note.note)") }
    return .success
  }

  private static func verify(
    _ arguments: Arguments, _ surroundings: Surroundings, _ terminal: Terminal
  ) async throws -> ExitCode {
    var plans: [RecoveryPlan] = []
    if arguments["--plans"] != nil {
      guard let read = try surroundings.readPlans(terminal) else { return .usage }
      plans = read
    }
    let audit = try await audit(
      surroundings, now: surroundings.time.now().wall, plans: plans,
      trusted: try arguments["--trust"].map(TrustFile.read),
      kept: arguments["--checkpoint"])
    for check in audit.checks { terminal.output("ok    \(check)") }
    for warning in audit.warnings { terminal.output("look  \(warning)") }
    for fault in audit.faults { terminal.output("FAULT \(fault)") }
    return audit.faults.isEmpty ? .success : .verificationFailed
  }

  /// Prints what proves that the ledger has only been added to since a checkpoint.
  private static func prove(
    _ arguments: Arguments, _ surroundings: Surroundings, _ terminal: Terminal
  ) throws -> ExitCode {
    try surroundings.ledger.requireBegun()
    let content = try surroundings.ledger.read()
    let kept = try kept(
      at: try arguments.required("--checkpoint"), signedBy: content.keys)
    terminal.output(try ConsistencyProof(since: kept, in: content).text, terminator: "")
    return .success
  }

  /// A checkpoint that somebody kept.
  private static func kept(
    at path: String, signedBy keys: [Ed25519.VerifyingKey]
  ) throws -> Checkpoint {
    let text = String(decoding: try DurableFile.read(path, limit: 65_536), as: UTF8.self)
    guard let note = SignedNote(text), let checkpoint = Checkpoint(text: note.text),
      keys.contains(where: { note.isValid(name: checkpoint.origin, key: $0) })
    else { throw LedgerFault.noCheckpoint("that was kept is malformed, or signed by nobody known") }
    return checkpoint
  }

  /// Audits the ledger of this place against its journal, its reports and its anchors.
  ///
  /// - Parameters:
  ///   - plans: plans whose drills must not be missing.
  ///   - trusted: keys of which one must have begun the ledger.
  ///   - kept: the file of a signed checkpoint that somebody kept.
  static func audit(
    _ surroundings: Surroundings, now: Timestamp, plans: [RecoveryPlan] = [],
    trusted: [PublicKey]? = nil, kept: String? = nil
  ) async throws -> LedgerAudit {
    let content = try surroundings.ledger.read()
    if let trusted {
      guard let origin = content.checkpoint?.origin, let note = content.note,
        trusted.compactMap(\.ed25519).contains(where: { note.isValid(name: origin, key: $0) })
      else { throw LedgerFault.notSigned }
    }
    if let kept {
      try content.confirm(
        try self.kept(at: kept, signedBy: trusted?.compactMap(\.ed25519) ?? content.keys))
    }
    let book = AnchorBook(of: surroundings.ledger)
    for anchored in try book.anchored() { try content.confirm(anchored.checkpoint) }
    let anchors = try surroundings.evidenceSettings(try surroundings.client()).anchors
    return LedgerAudit(
      content, runs: try await runs(surroundings),
      reports: try reports(surroundings), plans: plans,
      anchored: try anchors.map { ($0.name, try book.size(at: $0.name)) }, now: now)
  }

  private static func runs(
    _ surroundings: Surroundings
  ) async throws -> [(id: String, isEnded: Bool)]? {
    guard Journal.exists(in: surroundings.stateFolder) else { return nil }
    let runs = try await surroundings.journal(.reading).runs(limit: Int(Int32.max))
    return runs.reversed().map { ($0.record.id, $0.latest == .runFinished || $0.isPruned) }
  }

  private static func reports(
    _ surroundings: Surroundings
  ) throws -> [(folder: String, statement: String)] {
    try ReportFolders.all(in: surroundings.reportsFolder).map { folder in
      let digest = BundleFolder(folder).statementDigest ?? "unreadable"
      return (folder, digest)
    }
  }

  private static func anchor(
    _ surroundings: Surroundings, _ terminal: Terminal
  ) async throws -> ExitCode {
    let client = try surroundings.client()
    let anchors = try surroundings.evidenceSettings(client).anchors
    let recorder = RunRecorder(
      surroundings: surroundings, journal: try surroundings.journal(), client: client,
      terminal: terminal)
    let held = await recorder.advance(anchors)
    let size = try surroundings.ledger.read().signedSize
    terminal.output("\(anchors.count) anchors; all of them hold \(held) of \(size) entries")
    return held == size || anchors.isEmpty ? .success : .failure
  }

  private static func rotate(
    _ arguments: Arguments, _ surroundings: Surroundings, _ terminal: Terminal
  ) async throws -> ExitCode {
    // Before a key is made.
    try surroundings.ledger.requireBegun()
    let client = try surroundings.client()
    let old = try await surroundings.signing.checkpointKey(client)
    let new = try await surroundings.signing.made(try arguments.required("--new-key"), client)
    let content = try await surroundings.ledger.rotate(from: old.signer, to: new.signer)
    terminal.output(
      "entry \(content.entries.count - 1) hands the ledger over to \(new.signer.publicKey.identifier)"
    )
    return .success
  }
}
