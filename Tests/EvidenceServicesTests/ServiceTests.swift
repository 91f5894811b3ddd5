import AWSClient
import Cryptography
import Evidence
import Foundation
import HTTPClient
import Platform
import StrictJSON
import Testing

@testable import EvidenceServices

/// The server of all tests of this process; it ends with the process, whose end closes its input.
struct Servers {
  static let shared = Result { try Servers() }

  let port: Int
  let folder: URL
  private let process = Process()
  private let input = Pipe()

  private init() throws {
    let script = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "evidence_servers.py")
    process.executableURL = URL(filePath: try Self.python())
    process.arguments = [script.path]
    let output = Pipe()
    process.standardInput = input
    process.standardOutput = output
    try process.run()
    var line = Data()
    while line.last != 0x0A, process.isRunning {
      line += output.fileHandleForReading.availableData
    }
    let words = String(decoding: line, as: UTF8.self).split(whereSeparator: \.isWhitespace)
    try #require(words.count == 2, "the servers did not start")
    port = try #require(words.first.flatMap { Int($0) })
    folder = URL(filePath: String(words[1]))
  }

  /// The Python of the tools that are not ours.
  static func python() throws -> String {
    let process = Process()
    process.executableURL = ServiceTests.root.appending(path: "scripts/evidence-tools")
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return try #require(text.split(separator: "\n").last.map(String.init))
  }
}

/// Anchors, notices and telemetry against servers of this machine.
@Suite(.serialized) struct ServiceTests {
  static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  private let folder: URL
  private let port: Int
  private let http = HTTPClient()

  init() throws {
    let servers = try Servers.shared.get()
    (folder, port) = (servers.folder, servers.port)
  }

  func webhook(
    _ path: String, bearer: String? = nil, key: String? = nil
  ) -> Webhook {
    Webhook(
      url: "http://127.0.0.1:\(port)/\(path)", bearer: bearer.map { Secret($0) },
      key: key.map { Secret($0) }, http: http, time: SystemTime())
  }

  struct Seen {
    let path: String
    let headers: [String: String]
    let body: [UInt8]
  }

  func requests(_ path: String) throws -> [Seen] {
    let file = folder.appending(path: "requests")
    guard FileManager.default.fileExists(atPath: file.path) else { return [] }
    let text = try String(contentsOf: file, encoding: .utf8)
    return try text.split(separator: "\n").map { line in
      let json = try JSONValue(parsing: Array(line.utf8))
      let headers = (json["headers"]?.objectValue?.members ?? []).map {
        ($0.key, $0.value.stringValue ?? "")
      }
      return Seen(
        path: json["path"]?.stringValue ?? "", headers: Dictionary(headers) { $1 },
        body: Base64.decode(json["body"]?.stringValue ?? "") ?? [])
    }.filter { $0.path == "/\(path)" }
  }

  private func note() async throws -> SignedNote {
    let key = try #require(Ed25519.SigningKey(seed: Array(0..<32)))
    let checkpoint = Checkpoint(origin: "test/ledger", size: 3, root: SHA256.digest(of: [1]))
    return try await SignedNote(checkpoint.text, name: "test/ledger", signer: LocalSigner(key))
  }

  private func notice() -> RunNotice {
    RunNotice(
      .ended, run: "01M864XNF4FHYZTFFZD68B54BZ", plan: "p", mode: "drill", host: "h",
      at: Timestamp(unixSeconds: 0), detail: ["verdict": "pass"])
  }

  @Test func aWebhookGetsACloudEventThatItCanAuthenticate() async throws {
    try await WebhookNotifier(webhook("ok", bearer: "token", key: "key")).notify(notice())
    let seen = try #require(try requests("ok").first)
    #expect(seen.headers["content-type"] == "application/cloudevents+json; charset=utf-8")
    #expect(seen.headers["authorization"] == "Bearer token")
    let code = HMACSHA256.authenticate(seen.body, key: Array("key".utf8))
    #expect(seen.headers["x-mosaic-signature"] == "sha256=\(Hex.encode(code))")
    let event = try JSONValue(parsing: seen.body)
    #expect(event["specversion"] == "1.0")
    #expect(event["id"] == "01M864XNF4FHYZTFFZD68B54BZ/ended")
    #expect(event["type"] == "life.mosaic.dr.run.ended")
    #expect(event["data"]?["verdict"] == "pass")
    let trace = event["traceparent"]?.stringValue ?? ""
    #expect(trace.wholeMatch(of: /00-[0-9a-f]{32}-[0-9a-f]{16}-01/) != nil)
  }

  @Test func aBusyWebhookIsAskedAgainAndAClosedOneIsNot() async throws {
    let before = try requests("ok").count
    _ = try await webhook("busy").post([1], type: "text/plain")
    #expect(try requests("busy").count == 3)
    await #expect(throws: Problem.self) { try await webhook("gone").post([1], type: "text/plain") }
    #expect(try requests("gone").count == 1)
    await #expect(throws: Problem.self) { try await webhook("moved").post([1], type: "text/plain") }
    // A redirection is not followed.
    #expect(try requests("ok").count == before)
  }

  @Test func aStampIsCheckedAndOneOfAnotherQuestionIsRefused() async throws {
    let note = try await note()
    let anchor = { (path: String) in
      TimestampAnchor(
        name: "tsa", url: "http://127.0.0.1:\(port)/\(path)", http: http,
        random: SystemRandom())
    }
    let receipt = try await anchor("tsa").store(note, size: 3)
    try Data(receipt).write(to: folder.appending(path: "r.tsr"))
    try Data(note.note.utf8).write(to: folder.appending(path: "checkpoint"))
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/openssl")
    process.arguments = [
      "ts", "-verify", "-data", "checkpoint", "-in", "r.tsr", "-CAfile", "tsa.pem",
    ]
    process.currentDirectoryURL = folder
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    await #expect(throws: Problem.self) { try await anchor("otherstamp").store(note, size: 3) }
    await #expect(throws: Problem.self) { try await anchor("ok").store(note, size: 3) }
    await #expect(throws: Problem.self) { try await anchor("gone").store(note, size: 3) }
  }

  @Test func aCopyOfACheckpointIsTheCheckpoint() async throws {
    let note = try await note()
    _ = try await WebhookAnchor(name: "copy", webhook("ok")).store(note, size: 3)
    #expect(try requests("ok").last?.body == Array(note.note.utf8))
  }

  /// Where a chat service has its secret, and other places of an address where one can stand.
  @Test func anAddressIsNamedWithoutItsSecrets() async throws {
    let address = { [port, http] (path: String) in
      Webhook(
        url: "http://canary:canary@127.0.0.1:\(port)/\(path)#canary", bearer: nil, key: nil,
        http: http, time: SystemTime())
    }
    let place = "http://127.0.0.1:\(port)"
    #expect(WebhookNotifier(address("canary")).name == place)
    let receipt = try await WebhookAnchor(name: "copy", address("canary?canary"))
      .store(try await note(), size: 3)
    #expect(try JSONValue(parsing: receipt)["url"]?.stringValue == place)
    let refused = await #expect(throws: Problem.self) {
      try await address("gone").post([1], type: "text/plain")
    }
    #expect(refused.map { "\($0)" }?.contains("canary") == false)
  }

  @Test func whatIsStoredUnderLockIsNewAndKept() throws {
    let request = PutLockedObject(
      bucket: "b", key: "dr/o/checkpoints/000000000003", body: [1], mode: "COMPLIANCE",
      until: Timestamp(unixSeconds: 86_400))
    let message = try request.message()
    #expect(message.path == "/dr/o/checkpoints/000000000003")
    #expect(message.headers.value(of: "if-none-match") == "*")
    #expect(message.headers.value(of: "x-amz-object-lock-mode") == "COMPLIANCE")
    #expect(
      message.headers.value(of: "x-amz-object-lock-retain-until-date") == "1970-01-02T00:00:00Z")
    #expect(
      message.headers.value(of: "x-amz-checksum-sha256")
        == Base64.encode(SHA256.digest(of: [1]).bytes))
  }

  /// Pure Ed25519 takes nothing but the message itself.
  @Test func kmsIsGivenTheMessageItself() {
    let request = SignMessage(key: "k", [1, 2], algorithm: "ED25519_SHA_512")
    #expect(request.input["SigningAlgorithm"] == "ED25519_SHA_512")
    #expect(request.input["MessageType"] == "RAW")
    #expect(request.input["Message"] == "AQI=")
  }

  private func settings(_ text: String, _ environment: [String: String] = [:]) throws
    -> EvidenceSettings
  {
    let aws = ["AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"]
    let client = AWSClient(
      settings: try AWSSettings(environment: aws), http: http,
      credentials: CredentialChain([EnvironmentCredentials(environment: aws)]), time: SystemTime(),
      random: SystemRandom(), version: "0")
    return try EvidenceSettings(
      json: try JSONValue(parsing: Array(text.utf8)),
      .init(
        environment: environment, client: client, http: http, time: SystemTime(),
        random: SystemRandom()))
  }

  /// The example of the documentation is what the program reads.
  @Test func theSettingsOfTheDocumentationAreRead() throws {
    let text = try String(
      contentsOf: Self.root.appending(path: "docs/evidence.md"), encoding: .utf8)
    let example = try #require(text.components(separatedBy: "```json\n").last)
      .components(separatedBy: "```")[0]
    let read = try settings(example, ["AUDIT_TOKEN": "t", "HOOK_KEY": "k"])
    #expect(read.anchors.map(\.name) == ["vault", "tsa", "copy"])
    #expect(read.notifiers.count == 2)
    #expect(read.trace != nil && read.prometheusFolder != nil)
    #expect(throws: Problem.self) { try settings(example) }
  }

  @Test(arguments: [
    #"{"anchor": []}"#, #"{"anchors": {}}"#,
    #"{"anchors": [{"name": "A", "rfc3161": {"url": "x"}}]}"#,
    #"{"anchors": [{"name": "a"}]}"#, #"{"trace": {"url": "ftp://x"}}"#,
    #"{"notify": [{"sns": "topic"}]}"#,
    #"{"anchors": [{"name": "a", "s3": {"bucket": "b", "region": "r", "mode": "NONE", "retainDays": 1}}]}"#,
    #"{"anchors": [{"name": "a", "s3": {"bucket": "b", "region": "r", "retainDays": 0}}]}"#,
  ])
  func settingsThatCannotBeMeantAreRefused(text: String) throws {
    #expect(throws: Problem.self) { try settings(text) }
  }
}
