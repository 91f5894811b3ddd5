import Foundation
import Platform
import StrictJSON
import Testing

@testable import KubernetesClient

/// Every way to a real API server, and every way to log in there.
@Suite(.enabled(if: LabCluster.isUp, "no lab with a cluster is up: run scripts/test"))
final class LoginTests {
  private let lab: LabCluster
  private let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)

  init() throws {
    lab = try LabCluster()
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  private func kubeconfig(cluster: String, user: String = "operator", more: String = "") -> String {
    """
    clusters:
      - {name: test, cluster: {server: "\(lab.gate)", certificate-authority: \(lab.authority)\(cluster)}}
    contexts:
      - {name: test, context: {cluster: test, user: \(user)}}
    \(more)
    """
  }

  private func isKnown(_ client: KubernetesClient) async throws -> Bool {
    try await client.may(AccessRule(.create, .restores, in: "velero")).isAllowed
  }

  @Test func theServerIsVerifiedUnderTheNameThatTheFileSays() async throws {
    let named = try lab.client(
      kubeconfig: kubeconfig(cluster: ", tls-server-name: app.mosaic.example"), in: folder)
    #expect(try await isKnown(named))
    let misnamed = try lab.client(
      kubeconfig: kubeconfig(cluster: ", tls-server-name: other.example"), in: folder)
    let error = try await #require(throws: KubernetesError.self) { try await isKnown(misnamed) }
    #expect(error.remedy.contains("tls-server-name"), "\(error.reason)")
  }

  @Test func theProxyOfTheFileIsUsed() async throws {
    let log = folder.appending(path: "proxied")
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/python3")
    process.arguments = [
      "-B",
      URL(filePath: #filePath).deletingLastPathComponent().appending(path: "connect_proxy.py").path,
      log.path,
    ]
    try process.run()
    defer { kill(process.processIdentifier, SIGKILL) }
    var lines: [Substring] = []
    while lines.isEmpty {
      try await Task.sleep(for: .milliseconds(20))
      lines = ((try? String(contentsOf: log, encoding: .utf8)) ?? "").split(separator: "\n")
    }
    for name in ["", ", tls-server-name: app.mosaic.example"] {
      let client = try lab.client(
        kubeconfig: kubeconfig(cluster: ", proxy-url: http://127.0.0.1:\(lines[0])\(name)"),
        in: folder)
      #expect(try await isKnown(client))
    }
    let asked = try String(contentsOf: log, encoding: .utf8).split(separator: "\n").dropFirst()
    #expect(asked.count >= 2)
    #expect(asked.allSatisfy { $0 == "127.0.0.1:\(lab.port)" }, "\(asked)")
  }

  /// The first credential that the program prints is refused; it runs again at once, and then when its
  /// credential is about to expire.
  @Test(arguments: ["v1", "v1beta1"])
  func aCredentialProgramLogsIn(version: String) async throws {
    let count = folder.appending(path: "count-\(version)").path
    let program = folder.appending(path: "plugin-\(version)")
    let expiry = (SystemTime().now().wall + .seconds(600)).formatted(fractionDigits: 0)
    try """
    #!/bin/sh
    echo x >> \(count)
    [ $(wc -l < \(count)) = 1 ] && token=refused || token=\(try lab.token(of: "operator"))
    echo '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/\(version)",'
    echo '"status":{"expirationTimestamp":"\(expiry)","token":"'$token'"}}'
    """.write(to: program, atomically: true, encoding: .utf8)
    try FileManager.default.setAttributes(
      [.posixPermissions: 0o755], ofItemAtPath: program.path)
    let users = """
      users:
        - name: plugin
          user:
            exec:
              apiVersion: client.authentication.k8s.io/\(version)
              command: \(program.path)
              interactiveMode: Never
      """
    let clock = MovableClock()
    let client = try lab.client(
      kubeconfig: kubeconfig(cluster: "", user: "plugin", more: users), in: folder, time: clock)
    let runs = { try String(contentsOfFile: count, encoding: .utf8).count / 2 }
    #expect(try await isKnown(client))
    #expect(try runs() == 2)
    #expect(try await isKnown(client))
    #expect(try runs() == 2)
    clock.advance(by: .seconds(541))
    #expect(try await isKnown(client))
    #expect(try runs() == 3)
  }

  /// The file's token is replaced while the program runs: once because its time has come, once because
  /// it is refused.
  @Test func aServiceAccountWhoseTokenIsRotatedStaysLoggedIn() async throws {
    let namespace = try await lab.namespace()
    for (name, file) in [("ca.crt", lab.authority), ("namespace", nil)] {
      let text = try file.map { try String(contentsOfFile: $0, encoding: .utf8) } ?? namespace
      try write(text, to: name)
    }
    let weak = try await token(of: "weak", in: namespace)
    let strong = try await token(of: "strong", in: namespace)
    try await allowEverything(to: "strong", in: namespace)
    try write(weak, to: "token")
    let connection = try KubernetesConnection.inCluster(
      environment: [
        "KUBERNETES_SERVICE_HOST": "127.0.0.1", "KUBERNETES_SERVICE_PORT": String(lab.port),
      ], folder: folder.path)
    #expect(connection.namespace == namespace)
    let clock = MovableClock()
    let client = lab.client(connection, time: clock)
    let rule = AccessRule(.create, .configMaps, in: namespace)
    #expect(try await client.may(rule).isAllowed == false)

    try write(strong, to: "token")
    clock.advance(by: CredentialSource.tokenFileLifetime)
    #expect(try await client.may(rule).isAllowed)

    try write("worn out", to: "token")
    clock.advance(by: CredentialSource.tokenFileLifetime)
    let error = try await #require(throws: KubernetesError.self) { try await client.may(rule) }
    #expect(error.status == 401)
    try write(strong, to: "token")
    #expect(try await client.may(rule).isAllowed)
  }

  /// It expires between two tries of one request.
  @Test func aTokenThatIsRefusedOnALaterTryIsReadAnew() async throws {
    let namespace = try await lab.namespace()
    try write(try lab.token(of: "operator"), to: "token")
    let client = lab.client(
      KubernetesConnection(
        context: "file", server: lab.gate, authority: .file(lab.authority),
        identity: .tokenFile(folder.appending(path: "token").path)))
    let path: JSONValue = .string("namespaces/\(namespace)/configmaps/one")
    for status in [429, 401] {
      try await lab.fault([
        "kind": "kube-status", "status": .integer(Int64(status)), "seconds": 0, "path": path,
      ])
    }
    let log = KubernetesCallLog()
    let found = try await client.find(
      KubernetesResource("configmaps"), "one", in: namespace, log: log)
    #expect(found == nil)
    #expect(log.kept.map(\.status) == [429, 401, 404])
  }

  /// Only the API server knows that an object is gone; what a proxy does not find may be there.
  @Test func whatAProxyDoesNotFindIsNotGone() async throws {
    let namespace = try await lab.namespace()
    let client = try lab.client()
    let get = KubernetesRequest.get(KubernetesResource("configmaps"), "two", in: namespace)
    try await lab.fault([
      "kind": "kube-status", "status": 404, "reason": "",
      "path": .string("namespaces/\(namespace)/configmaps/two"),
    ])
    let byProxy = await #expect(throws: KubernetesError.self) { try await client.send(get) }
    #expect(byProxy?.isMissing == true && byProxy?.isMissingObject == false)
    let byServer = await #expect(throws: KubernetesError.self) { try await client.send(get) }
    #expect(byServer?.isMissingObject == true)
  }

  private func write(_ text: String, to name: String) throws {
    try text.write(to: folder.appending(path: name), atomically: true, encoding: .utf8)
  }

  /// A token of a new service account, by a TokenRequest, as a kubelet gets it for a pod.
  private func token(of account: String, in namespace: String) async throws -> String {
    let client = try lab.client()
    _ = try await client.send(
      .create(
        KubernetesResource("serviceaccounts"),
        [
          "apiVersion": "v1", "kind": "ServiceAccount",
          "metadata": ["name": .string(account)],
        ], in: namespace))
    let request = try await client.send(
      .create(
        KubernetesResource("serviceaccounts/\(account)/token"),
        [
          "apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest",
          "spec": ["expirationSeconds": 600],
        ], in: namespace))
    return try #require(request.at("status", "token")?.stringValue)
  }

  private func allowEverything(to account: String, in namespace: String) async throws {
    let group = "rbac.authorization.k8s.io"
    _ = try await lab.client().send(
      .create(
        KubernetesResource("rolebindings", group: group),
        [
          "apiVersion": .string("\(group)/v1"), "kind": "RoleBinding",
          "metadata": ["name": "everything"],
          "roleRef": ["apiGroup": .string(group), "kind": "ClusterRole", "name": "cluster-admin"],
          "subjects": [
            [
              "kind": "ServiceAccount", "name": .string(account),
              "namespace": .string(namespace),
            ]
          ],
        ], in: namespace))
  }
}
