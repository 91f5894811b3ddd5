import Foundation
import HTTPClient
import Platform
import StrictJSON
import Synchronization
import Testing

@testable import KubernetesClient

/// A clock that stands where a test puts it.
private final class StillClock: TimeSource {
  private let seconds = Mutex<Int64>(1_000_000)

  func now() -> ClockReading {
    let seconds = seconds.withLock { $0 }
    return ClockReading(
      wall: Timestamp(unixSeconds: seconds), sinceBoot: seconds * 1_000_000_000)
  }

  func sleep(for duration: Duration) async throws {
    advance(by: duration.wholeMilliseconds / 1_000)
  }
  func advance(by more: Int64) { seconds.withLock { $0 += more } }
}

@Suite final class CredentialTests {
  private let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
  private let clock = StillClock()

  init() throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  private func write(_ text: String, to name: String, isProgram: Bool = false) throws -> String {
    let url = folder.appending(path: name)
    try text.write(to: url, atomically: true, encoding: .utf8)
    if isProgram {
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: url.path)
    }
    return url.path
  }

  private func source(_ identity: KubernetesIdentity) -> CredentialSource {
    CredentialSource(
      KubernetesConnection(context: "dr", server: "https://api:6443", identity: identity),
      environment: ["PATH": "/usr/bin:/bin"], time: clock)
  }

  private func program(_ script: String, version: String = "v1") throws -> KubernetesIdentity {
    .program(
      CredentialProgram(
        apiVersion: "client.authentication.k8s.io/\(version)",
        command: try write("#!/bin/sh\n\(script)\n", to: "plugin", isProgram: true), arguments: [],
        environment: ["COUNT": folder.appending(path: "count").path], installHint: "get it\u{7}",
        wantsClusterInfo: true, isAlwaysInteractive: false))
  }

  /// A token file is rotated by the kubelet; one that is away for a moment changes nothing.
  @Test func aRotatedTokenIsReadAgain() async throws {
    let path = try write("first\n", to: "token")
    let source = source(.tokenFile(path))
    #expect(try await source.credential().token?.reveal() == "first")
    _ = try write("second\n", to: "token")
    #expect(try await source.credential().token?.reveal() == "first")
    clock.advance(by: 51)
    #expect(try await source.credential().token?.reveal() == "second")
    try FileManager.default.removeItem(atPath: path)
    clock.advance(by: 51)
    #expect(try await source.credential().token?.reveal() == "second")
  }

  @Test func aRefusedTokenIsReadAgainAtOnce() async throws {
    let path = try write("old", to: "token")
    let source = source(.tokenFile(path))
    let used = try await source.credential()
    _ = try write("new", to: "token")
    #expect(await source.refused(used))
    #expect(try await source.credential().token?.reveal() == "new")
    // What is refused late was replaced already.
    #expect(await source.refused(used))
    #expect(await self.source(.token(Secret("x"))).refused(used) == false)
  }

  /// The program counts how often it ran; its credential is good for ten minutes.
  @Test(arguments: ["v1", "v1beta1"])
  func aProgramRunsAgainWhenItsCredentialExpires(version: String) async throws {
    let expiry = Timestamp(unixSeconds: 1_000_600).formatted(fractionDigits: 0)
    let answer =
      #"{\"kind\":\"ExecCredential\",\"apiVersion\":\"client.authentication.k8s.io/\#(version)\","#
      + #"\"status\":{\"token\":\"t-$(wc -l < $COUNT)\",\"expirationTimestamp\":\"\#(expiry)\"}}"#
    let source = source(
      try program(
        "echo x >> $COUNT; echo \"$KUBERNETES_EXEC_INFO\" | grep -q https://api:6443 || exit 9; "
          + "echo \"\(answer)\"", version: version))
    #expect(try await source.credential().token?.reveal() == "t-1")
    clock.advance(by: 530)
    #expect(try await source.credential().token?.reveal() == "t-1")
    clock.advance(by: 11)
    #expect(try await source.credential().token?.reveal() == "t-2")
  }

  @Test(arguments: [
    ("exit 3", "ended with code 3"), ("echo hello", "no ExecCredential"),
    (
      #"echo '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1beta1","status":{"token":"t"}}'"#,
      "not of client.authentication.k8s.io/v1"
    ),
    (
      #"echo '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1"}'"#,
      "no status"
    ),
    (
      #"echo '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","status":{"clientKeyData":"k"}}'"#,
      "without a certificate"
    ),
  ])
  func aProgramThatFailsIsNamed(script: String, words: String) async throws {
    let source = source(try program(script))
    let problem = await #expect(throws: Problem.self) { try await source.credential() }
    #expect(problem?.reason.contains(words) == true, "\(problem?.reason ?? "")")
  }

  @Test func whereAMissingProgramComesFromIsSaid() async throws {
    let source = source(
      .program(
        CredentialProgram(
          apiVersion: "client.authentication.k8s.io/v1", command: "no-such-program-here",
          arguments: [], environment: [:], installHint: "get it\u{7} there",
          wantsClusterInfo: false,
          isAlwaysInteractive: false)))
    let problem = await #expect(throws: Problem.self) { try await source.credential() }
    #expect(problem?.remedy == "get it there")
  }

  @Test func aPodKnowsItsCluster() throws {
    for (name, text) in [("token", "t"), ("ca.crt", "pem"), ("namespace", "dr\n")] {
      _ = try write(text, to: name)
    }
    let environment = ["KUBERNETES_SERVICE_HOST": "fd00::1", "KUBERNETES_SERVICE_PORT": "443"]
    let connection = try KubernetesConnection.inCluster(
      environment: environment, folder: folder.path)
    #expect(connection.server == "https://[fd00::1]:443")
    #expect(connection.namespace == "dr")
    #expect(throws: Problem.self) {
      try KubernetesConnection.inCluster(environment: [:], folder: folder.path)
    }
  }

  /// A bearer token never goes over a connection that anybody can read.
  @Test func credentialsStayAtHomeWithoutTLS() async throws {
    for (scheme, isSent) in [("http", false), ("https", true)] {
      let client = KubernetesClient(
        KubernetesConnection(
          context: "dr", server: "\(scheme)://api:6443/prefix/", identity: .token(Secret("t")),
          impersonation: Impersonation(user: "ada", uid: nil, groups: ["ops"], extra: [:])),
        http: HTTPClient(), environment: [:], time: clock, random: SeededRandom(seed: 1),
        version: "1")
      let request = KubernetesRequest.delete(.restores, "a b", in: "velero", uid: "u")
      let wire = try client.wire(request, request.target, Credential(token: Secret("t")))
      #expect(
        wire.url
          == "\(scheme)://api:6443/prefix/apis/velero.io/v1/namespaces/velero/restores/a%20b")
      #expect((wire.headers.value(of: "Authorization") != nil) == isSent)
      #expect(wire.headers.value(of: "Impersonate-User") == "ada")
      #expect(String(decoding: wire.body, as: UTF8.self).contains(#""preconditions":{"uid":"u"}"#))
    }
  }
}
