import Cryptography
import Foundation
import Platform
import Testing

@testable import Evidence

/// Tools that are not ours: OpenSSL, minisign, jq, zstd, OpenSSH's agent, securesystemslib, trestle,
/// junitparser.
@Suite struct ForeignToolTests {
  private let fixture: Fixture

  init() throws { fixture = try Fixture() }

  /// The commands of docs/verification.md about reports, or about the ledger.
  private func recipe(_ section: String) throws -> String {
    let text = try String(
      contentsOf: Fixture.root.appending(path: "docs/verification.md"), encoding: .utf8)
    let part = try #require(text.components(separatedBy: "\n## ").first { $0.hasPrefix(section) })
    return part.components(separatedBy: "```sh\n").dropFirst()
      .map { $0.components(separatedBy: "```")[0] }.joined()
  }

  @Test func theRecipeOfTheDocumentationVerifiesAndRefuses() async throws {
    let folder = try await fixture.write(try await fixture.report())
    let recipe = try recipe("Without this program")
    let work = fixture.folder.appending(path: "auditor")
    let verify = { (change: String) throws -> Int32 in
      try? FileManager.default.removeItem(at: work)
      try FileManager.default.copyItem(at: URL(filePath: folder.path), to: work)
      let result = try Fixture.run(
        ["bash", "-euo", "pipefail", "-c", change + "\n" + recipe], in: work.path,
        environment: ["KEY": folder.path(of: .pem), "PUB": folder.path(of: .minisignKey)])
      if change.isEmpty { #expect(result.status == 0, "\(result.text)") }
      return result.status
    }
    #expect(try verify("") == 0)
    for change in [
      "printf x >> report.json.zst", "printf x >> report.html", "printf x >> oscal.json",
      "sed -i 's/verdict:pass/verdict:fail/' report.json.zst.minisig",
      "sed -i 's/^3$/4/' ledger.tlog-proof",
      "jq '.payload |= (@base64d | sub(\"pass\"; \"fail\") | @base64)' report.intoto.json > e && mv e report.intoto.json",
    ] {
      #expect(try verify(change) != 0, "\(change)")
    }
  }

  /// Every older size of a ledger against a newer one, and what a forger might hand over.
  @Test func theRecipeForTheLedgerProvesThatItWasOnlyAddedTo() async throws {
    let recipe = try recipe("The ledger")
    let key = fixture.folder.appending(path: "key.pem").path
    try PublicKey.ed25519(fixture.key.verifyingKey).pem.write(
      toFile: key, atomically: true, encoding: .utf8)
    let check = { (kept: String, proof: String) throws -> Int32 in
      let work = fixture.folder.appending(path: "ledger-auditor")
      try? FileManager.default.removeItem(at: work)
      try FileManager.default.createDirectory(at: work, withIntermediateDirectories: true)
      for (name, text) in [("kept", kept), ("consistency", proof)] {
        try text.write(to: work.appending(path: name), atomically: true, encoding: .utf8)
      }
      return try Fixture.run(
        ["bash", "-euo", "pipefail", "-c", recipe], in: work.path, environment: ["KEY": key]
      ).status
    }
    var notes: [SignedNote] = []
    for number in 0..<6 {
      let run = "01M864XNF4FHYZTFFZD68B54C\(number)"
      let creation = try await fixture.report(.init(run: run)).creation
      _ = try await fixture.runLedger().recordStart(of: run, creation, asked: nil)
      notes.append(try #require(try fixture.ledger.read().note))
    }
    let content = try fixture.ledger.read()
    let proofs = try notes.dropLast().map { note in
      try ConsistencyProof(since: try #require(Checkpoint(text: note.text)), in: content).text
    }
    for (note, proof) in zip(notes, proofs) {
      #expect(try check(note.note, proof) == 0, "\(note.text)")
    }
    #expect(try check(notes[1].note, proofs[2]) != 0)
    #expect(try check(notes[2].note, proofs[2].replacing("old 4", with: "old 5")) != 0)
    #expect(try check(notes[2].note.replacing("\n4\n", with: "\n3\n"), proofs[1]) != 0)
    let hash = try #require(proofs[1].split(separator: "\n").dropFirst().first)
    let other = Base64.encode(SHA256.digest(of: []).bytes)
    #expect(try check(notes[1].note, proofs[1].replacing(hash, with: other)) != 0)
  }

  @Test func securesystemslibAcceptsToolAndApprover() async throws {
    let folder = try await fixture.write(try await fixture.report())
    let approver = try #require(Ed25519.SigningKey.generate())
    let keys = try [fixture.key, approver].enumerated().map { index, key in
      let path = fixture.folder.appending(path: "\(index).pem").path
      let pem = PublicKey.ed25519(key.verifyingKey).pem
      try pem.write(toFile: path, atomically: true, encoding: .utf8)
      return path
    }
    let verify = {
      try Fixture.run(
        [
          try Fixture.python(), Fixture.tests.appending(path: "Tools/verify_envelope.py").path,
          folder.path,
        ] + keys + ["2"])
    }
    #expect(try verify().status != 0)
    try await BundleWriter.countersign(folder, with: LocalSigner(approver))
    let both = try verify()
    #expect(both.status == 0, "\(both.text)")
    #expect(both.text.contains("2 signatures hold"))
  }

  @Test(arguments: [
    Fixture.Shape(), Fixture.Shape(rpo: 25), Fixture.Shape(end: .failed),
    Fixture.Shape(end: .killed),
    Fixture.Shape(end: .failed, word: "\u{1B}[31m<script>alert(1)</script> =1+1"),
  ])
  func everyOutcomeIsValidOSCALAndJUnit(shape: Fixture.Shape) async throws {
    let report = try await fixture.report(shape)
    let folder = try await fixture.write(report)
    let junit = fixture.folder.appending(path: "junit.xml")
    try JUnitReport.text(report).write(to: junit, atomically: true, encoding: .utf8)
    let python = try Fixture.python()
    let oscal = try Fixture.run([
      python, Fixture.tests.appending(path: "Tools/validate_oscal.py").path,
      folder.path(of: .oscal),
    ])
    #expect(oscal.status == 0, "\(oscal.text)")
    let script =
      "import sys; from junitparser import JUnitXml; x = JUnitXml.fromfile(sys.argv[1]); "
      + "x2 = [s.name for s in x]; print(*x2, sum(s.failures for s in x), sum(s.errors for s in x))"
    let parsed = try Fixture.run([python, "-c", script, junit.path])
    #expect(parsed.status == 0, "\(parsed.text)")
    let (failures, errors) = shape.end == .failed ? (2, 1) : shape.rpo == 25 ? (2, 0) : (0, 0)
    #expect(parsed.text.hasSuffix("objectives steps \(failures) \(errors)\n"), "\(parsed.text)")
  }

  @Test func anAgentSignsAsTheKeyFileDoes() async throws {
    let socket = fixture.folder.appending(path: "agent").path
    let key = fixture.folder.appending(path: "id").path
    let agent = Process()
    agent.executableURL = URL(filePath: "/usr/bin/ssh-agent")
    agent.arguments = ["-D", "-a", socket]
    agent.standardOutput = FileHandle.nullDevice
    try agent.run()
    defer {
      // The agent is started with the signal mask of a test's thread: it may not hear SIGTERM.
      kill(agent.processIdentifier, SIGKILL)
      agent.waitUntilExit()
    }
    let made = try Fixture.run([
      "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "drill", "-f", key,
    ])
    try #require(made.status == 0, "\(made.text)")
    while !FileManager.default.fileExists(atPath: socket), agent.isRunning {}
    let added = try Fixture.run(["ssh-add", "-q", key], environment: ["SSH_AUTH_SOCK": socket])
    try #require(added.status == 0, "\(added.text)")
    let signer = try await AgentSigner(socket: socket, named: "drill")
    let line = try String(contentsOfFile: "\(key).pub", encoding: .utf8)
    #expect(try TrustFile.keys(line, "t") == [signer.publicKey])
    let folder = try await fixture.write(
      try await fixture.report(), signers: ReportSigners(signer))
    #expect(
      fixture.refusal(of: folder) {
        $0.trusted = [signer.publicKey] + fixture.trusted
      } == nil)
    await #expect(throws: Problem.self) { try await AgentSigner(socket: socket, named: "other") }
  }

  @Test func openSSLStampsAndVerifiesACheckpoint() throws {
    let folder = fixture.folder.path
    let script = """
      openssl req -x509 -newkey rsa:2048 -nodes -keyout tsa.key -out tsa.pem -days 2 -subj /CN=tsa \
        -addext extendedKeyUsage=critical,timeStamping
      printf '01' > serial
      printf '%s\\n' '[tsa]' 'default_tsa = t' '[t]' 'serial = serial' 'default_policy = 1.2.3' \
        'digests = sha256' 'signer_digest = sha256' 'crypto_device = builtin' > tsa.conf
      """
    try #require(try Fixture.run(["bash", "-euc", script], in: folder).status == 0)
    let bytes = Array("a checkpoint\n".utf8)
    let query = TimestampExchange.request(for: bytes, nonce: 0x8123_4567_89AB_CDEF)
    try Data(query).write(to: fixture.folder.appending(path: "q.tsq"))
    try Data(bytes).write(to: fixture.folder.appending(path: "data"))
    let reply = """
      openssl ts -query -in q.tsq -text | grep -q 'Nonce: 0x8123456789ABCDEF'
      openssl ts -reply -config tsa.conf -section t -queryfile q.tsq -signer tsa.pem -inkey tsa.key -out r.tsr
      openssl ts -verify -queryfile q.tsq -in r.tsr -CAfile tsa.pem
      openssl ts -verify -data data -in r.tsr -CAfile tsa.pem
      """
    let result = try Fixture.run(["bash", "-euc", reply], in: folder)
    #expect(result.status == 0, "\(result.text)")
    let answer = Array(try Data(contentsOf: fixture.folder.appending(path: "r.tsr")))
    try TimestampExchange.check(answer, for: bytes, nonce: 0x8123_4567_89AB_CDEF, from: "t")
    #expect(throws: Problem.self) {
      try TimestampExchange.check(answer, for: bytes, nonce: 1, from: "t")
    }
    #expect(throws: Problem.self) {
      try TimestampExchange.check(
        answer, for: bytes + [0], nonce: 0x8123_4567_89AB_CDEF, from: "t")
    }
    for bad in [[], [0x30, 0x03, 0x02, 0x01, 0x02], Array(answer.dropFirst())] as [[UInt8]] {
      #expect(throws: Problem.self) {
        try TimestampExchange.check(bad, for: bytes, nonce: 0x8123_4567_89AB_CDEF, from: "t")
      }
    }
  }
}
