import AWSClient
import Foundation
import HTTPClient
import Platform
import PositionedYAML
import RecoveryPlan
import RunJournal
import Testing

@testable import Recoveries
@testable import RunEngine

/// The checks `ingress` and `http` against servers of HTTP and HTTPS.
@Suite final class WebCheckTests {
  private let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
  private let process = Process()
  private let input = Pipe()
  private var ports: [Substring] = []
  private let scope: ClusterScope
  private let context: StepContext

  init() async throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    process.executableURL = URL(filePath: "/usr/bin/python3")
    process.arguments = [
      "-B",
      URL(filePath: #filePath).deletingLastPathComponent().appending(path: "ingress_server.py")
        .path,
      folder.path,
    ]
    process.standardInput = input
    try process.run()
    while ports.isEmpty {
      try await Task.sleep(for: .milliseconds(20))
      let file = folder.appending(path: "ports")
      ports = ((try? String(contentsOf: file, encoding: .utf8)) ?? "").split(separator: " ")
    }
    ports = ports.map { $0.prefix { $0.isNumber } }
    let kubeconfig = folder.appending(path: "kubeconfig")
    try """
    clusters: [{name: c, cluster: {server: "http://127.0.0.1:\(ports[0])"}}]
    contexts: [{name: c, context: {cluster: c}}]
    """.write(to: kubeconfig, atomically: true, encoding: .utf8)
    let (time, random) = (SystemTime(), SeededRandom(seed: 1))
    let settings = try AWSSettings(environment: ["AWS_REGION": "us-west-2"])
    let access = ClusterAccess(
      directory: ClusterDirectory(
        http: HTTPClient(), environment: ["KUBECONFIG": kubeconfig.path], time: time,
        random: random, version: "test"),
      aws: AWSClient(
        settings: settings, http: HTTPClient(), credentials: CredentialChain([]),
        time: time, random: random, version: "test"),
      target: .context("c"))
    scope = ClusterScope(access: access, namespaces: ["web": "web"], belongsToRun: false)
    context = StepContext(
      run: ULID(at: time.now().wall, random: random), mode: .drill, step: "web.check",
      component: "web", time: time, random: random, incident: time.now().wall,
      outputs: { _ in nil }, approvers: { [] })
  }

  deinit {
    kill(process.processIdentifier, SIGKILL)
    try? FileManager.default.removeItem(at: folder)
  }

  /// The check as a plan has it.
  private func check(_ text: String) throws -> any ClusterCheck {
    let filled = text.replacingOccurrences(of: "HTTPS", with: ports[1])
      .replacingOccurrences(of: "HTTP", with: ports[0])
      .replacingOccurrences(of: "CA", with: folder.appending(path: "ca.pem").path)
    let (read, diagnostics) = readPlan(
      """
      name: web
      velero: {context: c, schedule: daily, namespaces: [web]}
      verify: [{\(filled)}]
      """)
    #expect(diagnostics.isEmpty, "\(diagnostics.map(\.rendered))")
    return try #require(read?.components.first?.checks.first?.spec as? any ClusterCheck)
  }

  private func expect(_ text: String, holds: Bool, saying words: String) async throws {
    switch try await check(text).look(scope, context) {
    case .holds(let found):
      #expect(holds, "\(found)")
      #expect(found.contains(words), "\(found)")
    case .waiting(let missing), .troubled(let missing):
      #expect(!holds, "\(missing)")
      #expect(missing.contains(words), "\(missing)")
    }
  }

  @Test(arguments: [
    ("scheme: http, port: HTTP", true, "app.example answers as expected"),
    ("port: HTTPS, rootCertificate: CA", true, "app.example answers as expected"),
    ("host: app.example, port: HTTPS, rootCertificate: CA", true, "app.example"),
    // The system's authorities did not sign it.
    ("port: HTTPS", false, "app.example at 127.0.0.1 does not answer"),
    ("scheme: http, port: HTTP, path: /busy", false, "app.example answers with HTTP 503"),
    ("scheme: http, port: HTTP, path: /busy, expect: 503", true, "app.example"),
    ("host: other.example, scheme: http, port: HTTP", false, "no ingress for other.example"),
    ("scheme: http, port: HTTPS", false, "does not answer"),
  ])
  func anIngressAnswersUnderItsHost(fields: String, holds: Bool, words: String) async throws {
    try await expect("ingress: {\(fields)}", holds: holds, saying: words)
  }

  @Test(arguments: [
    ("url: 'http://127.0.0.1:HTTP/', expect: 404", true, "HTTP 404"),
    ("url: 'http://127.0.0.1:HTTP/', expect: '< 500', contains: all is well", true, "HTTP 404"),
    ("url: 'http://127.0.0.1:HTTP/', expect: 404, contains: gone", false, "does not hold 'gone'"),
    ("url: 'http://127.0.0.1:HTTP/busy'", false, "HTTP 503"),
    // The certificate is of another name.
    ("url: 'https://127.0.0.1:HTTPS/', rootCertificate: CA, expect: 404", false, "no answer"),
  ])
  func aURLAnswers(fields: String, holds: Bool, words: String) async throws {
    try await expect("http: {\(fields)}", holds: holds, saying: words)
  }
}
