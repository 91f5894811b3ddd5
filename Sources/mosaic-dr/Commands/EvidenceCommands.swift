import Cryptography
import Evidence
import Measurement
import Platform
import RunEngine
import RunJournal
import StrictJSON

/// Commands about reports, keys and signatures.
enum EvidenceCommands {
  static func keys(_ arguments: Arguments, _ terminal: Terminal) async throws -> ExitCode {
    let surroundings = Surroundings(arguments)
    let key = try key(arguments, surroundings)
    terminal.output(
      "key         \(keyPath(arguments, surroundings))\nidentifier  \(key.verifyingKey.identifier)\n\n"
        + key.verifyingKey.pem)
    return .success
  }

  static func report(_ arguments: Arguments, _ terminal: Terminal) async throws -> ExitCode {
    let format = try arguments.choice("--format", of: ["text", "json"])
    let journal = try Surroundings(arguments).journal(.reading)
    let id = try arguments.operand("RUN").uppercased()
    let report = try await report(of: id, journal)
    if format == "json" {
      terminal.output(try report.json().prettyText())
    } else {
      terminal.output(ReportText.text(report, RunState(report.events)))
    }
    return .success
  }

  static func verify(_ arguments: Arguments, _ terminal: Terminal) async throws -> ExitCode {
    let file = try arguments.operand("FILE")
    var trusted: [Ed25519.VerifyingKey] = []
    if let path = arguments["--trust"] {
      let text = String(decoding: try DurableFile.read(path, limit: 65_536), as: UTF8.self)
      guard let key = Ed25519.VerifyingKey(pem: text) else {
        throw Problem(
          "the trusted key cannot be used", on: path, because: "it is no Ed25519 public key in PEM",
          fix: "Give the .pem file that 'mosaic-dr keys' shows.")
      }
      trusted = [key]
    }
    do throws(VerificationFailure) {
      let verified = try ReportVerifier.verify(file, trusted: trusted)
      for check in verified.checks { terminal.output("ok  \(check)") }
      return .success
    } catch {
      terminal.explain(error)
      return .verificationFailed
    }
  }

  /// Writes the signed report of an ended run and says where it is.
  static func conclude(
    _ run: String, _ journal: Journal, _ arguments: Arguments, _ surroundings: Surroundings,
    _ terminal: Terminal
  ) async throws -> RunFigures {
    let report = try await report(of: run, journal)
    terminal.output(ReportText.text(report, RunState(report.events)))
    let path = try report.write(
      to: surroundings.reportsFolder(of: report.creation.plan),
      key: try key(arguments, surroundings))
    terminal.output("\nreport  \(path)\ncheck   mosaic-dr verify \(path)")
    return report.figures
  }

  private static func report(of id: String, _ journal: Journal) async throws -> RunReport {
    guard let report = RunReport(try await journal.verifiedEvents(of: id)) else {
      throw journal.doesNotKnow(id)
    }
    return report
  }

  private static func keyPath(_ arguments: Arguments, _ surroundings: Surroundings) -> String {
    arguments["--key"] ?? "\(surroundings.stateFolder)/signing.key"
  }

  /// The signing key; the first run makes one.
  private static func key(
    _ arguments: Arguments, _ surroundings: Surroundings
  ) throws -> Ed25519.SigningKey {
    let path = keyPath(arguments, surroundings)
    if let known = try KeyFile.read(path) { return known }
    try DurableFile.makeFolder(surroundings.stateFolder, mode: 0o700)
    return try KeyFile.create(at: path)
  }
}
