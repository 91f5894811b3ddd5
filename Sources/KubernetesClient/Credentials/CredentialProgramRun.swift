import Cryptography
import HTTPClient
import Platform
import StrictJSON

/// Runs a credential program and reads what it prints (Kubernetes documentation, "Authenticating",
/// "client-go credential plugins"; client.authentication.k8s.io v1 and v1beta1).
struct CredentialProgramRun {
  /// The bound on the program.
  static let timeout: Duration = .seconds(60)

  let program: CredentialProgram
  let connection: KubernetesConnection
  let environment: [String: String]

  func credential() async throws -> Credential {
    guard !program.isAlwaysInteractive else {
      throw problem(
        "it asks a person (interactiveMode: Always), and nobody can be asked",
        fix: "Log in with another kind of credential.")
    }
    var variables = environment.merging(program.environment) { $1 }
    variables["KUBERNETES_EXEC_INFO"] = try information()
    let end: ChildProcess.End
    do {
      end = try await ChildProcess(
        command: program.command, arguments: program.arguments, environment: variables,
        timeout: Self.timeout
      ).run()
    } catch let error as ChildProcessError {
      let hint = program.installHint.map { hint in
        String(hint.filter { $0.isNewline || !$0.isControl })
      }
      throw problem(error.reason, fix: error.isMissing ? hint ?? error.remedy : error.remedy)
    }
    guard end.code == 0 else {
      throw problem(
        "it ended with code \(end.code)", fix: "Run it by hand; what it said stands above.")
    }
    return try Self.read(end.output, version: program.apiVersion, program: program.command)
  }

  /// Reads an `ExecCredential`.
  static func read(
    _ output: [UInt8], version: String, program: String
  ) throws -> Credential {
    func problem(_ reason: String) -> Problem {
      Problem(
        "the credential program's answer cannot be used", on: program, because: reason,
        fix: "Check the program's version and 'apiVersion' in the kubeconfig.")
    }
    guard let answer = try? JSONValue(parsing: output), answer["kind"] == "ExecCredential" else {
      throw problem("it is no ExecCredential")
    }
    guard answer["apiVersion"]?.stringValue == version else {
      throw problem("it is not of \(version), which was asked for")
    }
    guard let status = answer["status"] else { throw problem("it has no status") }
    var credential = Credential()
    credential.token = status["token"]?.nonEmptyText.map { Secret($0) }
    let chain = status["clientCertificateData"]?.nonEmptyText
    let key = status["clientKeyData"]?.nonEmptyText
    guard (chain == nil) == (key == nil) else {
      throw problem("it has a certificate without a key, or a key without a certificate")
    }
    if let chain, let key {
      credential.certificate = TransportOptions.Identity(
        certificate: Array(chain.utf8), key: Secret(Array(key.utf8)))
    }
    guard credential.token != nil || credential.certificate != nil else {
      throw problem("it has neither a token nor a certificate")
    }
    if let text = status["expirationTimestamp"]?.nonEmptyText {
      guard let expiry = Timestamp(text) else { throw problem("its expiry is no time") }
      credential.renewAt = expiry
    }
    return credential
  }

  /// `KUBERNETES_EXEC_INFO`.
  private func information() throws -> String {
    var spec: JSONObject = ["interactive": false]
    if program.wantsClusterInfo {
      var cluster: JSONObject = ["server": .string(connection.server)]
      if let authority = connection.authority {
        cluster["certificate-authority-data"] = .string(Base64.encode(try authority.bytes()))
      }
      cluster["tls-server-name"] = connection.tlsServerName.map { .string($0) }
      cluster["proxy-url"] = connection.proxy.map { .string($0) }
      if connection.isInsecure { cluster["insecure-skip-tls-verify"] = true }
      spec["cluster"] = .object(cluster)
    }
    let information: JSONValue = [
      "apiVersion": .string(program.apiVersion), "kind": "ExecCredential", "spec": .object(spec),
    ]
    return String(decoding: try information.canonicalBytes(), as: UTF8.self)
  }

  private func problem(_ reason: String, fix: String) -> Problem {
    Problem(
      "the credential program of the Kubernetes context fails",
      on: "\(program.command) (context \(connection.context))", because: reason, fix: fix)
  }
}

extension Character {
  fileprivate var isControl: Bool {
    unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x7F }
  }
}
