import Cryptography
import Evidence
import Measurement
import Platform
import RunEngine
import RunJournal
import StrictJSON

/// Commands about keys, signatures and their verification.
enum EvidenceCommands {
  static func keys(_ arguments: Arguments, _ terminal: Terminal) async throws -> ExitCode {
    let surroundings = Surroundings(arguments)
    let key = try await surroundings.signing.made(
      surroundings.signing.key, try surroundings.client())
    let publicKey = key.signer.publicKey
    var text = "key         \(key.place)\nidentifier  \(publicKey.identifier)\n\n\(publicKey.pem)"
    if let ed25519 = publicKey.ed25519 {
      let origin = surroundings.ledgerOrigin
      text += "\n\(Minisign.PublicKey(ed25519, number: key.number).file)"
      text += "\n\(SignedNote.verifierKey(origin, ed25519))\n"
    }
    terminal.output(text)
    return .success
  }

  static func verify(_ arguments: Arguments, _ terminal: Terminal) async throws -> ExitCode {
    let path = try reportFolder(at: try arguments.operand("FILE|FOLDER")).path
    var policy = VerificationPolicy(
      trusted: try arguments["--trust"].map(TrustFile.read) ?? [],
      now: Surroundings(arguments).time.now().wall)
    policy.threshold = try arguments.count("--threshold", in: 1...32) ?? 1
    policy.plan = arguments["--plan"]
    policy.run = arguments["--run"]?.uppercased()
    policy.maximumAge = try arguments.length("--max-age")
    policy.challenge = arguments["--challenge"]
    do throws(VerificationFailure) {
      let verified = try BundleVerifier.verify(path, policy)
      for check in verified.checks { terminal.output("ok    \(check)") }
      for note in verified.notes { terminal.output("note  \(note)") }
      return .success
    } catch {
      terminal.explain(error)
      return .verificationFailed
    }
  }

  /// What is misspelt is no forgery.
  private static func reportFolder(at path: String) throws -> BundleFolder {
    let fix = "Name the folder of a report: reports/PLAN/… in the state folder."
    guard DurableFile.exists(path) else {
      throw Problem(
        "there is no such file or folder", on: path, because: "nothing stands at this path",
        fix: fix)
    }
    let folder = BundleFolder(path)
    let parts = BundleFolder.File.allCases.map { folder.path(of: $0) }
    guard !parts.contains(where: DurableFile.exists) else { return folder }
    let names = (try? DurableFile.names(in: path)) ?? []
    let held = names.prefix(5).joined(separator: ", ") + (names.count > 5 ? " …" : "")
    throw Problem(
      "this is no report's folder", on: path,
      because: names.isEmpty ? "it holds no part of a report" : "it holds \(held)", fix: fix)
  }

  static func sign(_ arguments: Arguments, _ terminal: Terminal) async throws -> ExitCode {
    let folder = try reportFolder(at: try arguments.operand("FOLDER"))
    let surroundings = Surroundings(arguments)
    let key = try await surroundings.signing.named(
      try arguments.required("--key"), try surroundings.client())
    // Nobody signs what does not hold.
    let policy = VerificationPolicy(trusted: [], now: surroundings.time.now().wall)
    do throws(VerificationFailure) {
      _ = try BundleVerifier.verify(folder.path, policy)
    } catch {
      terminal.explain(error)
      return .verificationFailed
    }
    try await BundleWriter.countersign(folder, with: key.signer)
    terminal.output("signed by the key \(key.signer.publicKey.identifier)")
    return .success
  }
}
