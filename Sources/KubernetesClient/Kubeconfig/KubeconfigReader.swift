import Cryptography
import Platform
import PositionedYAML

/// Reads one kubeconfig file.
struct KubeconfigReader {
  let file: String

  func read(_ bytes: [UInt8]) throws(Problem) -> Kubeconfig {
    let root: YAMLNode
    do throws(YAMLError) {
      root = try YAMLDocument.parse(bytes)
    } catch {
      throw problem(error.position, error.reason, fix: error.remedy)
    }
    if root.isNull { return Kubeconfig() }
    guard root.entries != nil else {
      throw problem(
        root.position, "the file holds no mapping", fix: "Write 'apiVersion: v1' first.")
    }
    var config = Kubeconfig()
    config.currentContext = try text("current-context", of: root)
    for (name, node) in try named("contexts", holding: "context", of: root) {
      config.contexts[name] = Kubeconfig.Context(
        cluster: try required("cluster", of: node), user: try text("user", of: node),
        namespace: try text("namespace", of: node))
    }
    for (name, node) in try named("clusters", holding: "cluster", of: root) {
      config.clusters[name] = try cluster(node)
    }
    for (name, node) in try named("users", holding: "user", of: root) {
      config.users[name] = try user(node)
    }
    return config
  }

  private func cluster(_ node: YAMLNode) throws(Problem) -> Kubeconfig.Cluster {
    let server = try required("server", of: node)
    guard server.hasPrefix("https://") || server.hasPrefix("http://") else {
      throw problem(
        node["server"]?.position ?? node.position, "'\(server)' is no http or https URL",
        fix: "Write, for example: https://host:6443.")
    }
    let authority = try material("certificate-authority", of: node)
    let isInsecure = try text("insecure-skip-tls-verify", of: node) == "true"
    guard authority == nil || !isInsecure else {
      throw problem(
        node["insecure-skip-tls-verify"]?.position ?? node.position,
        "the server is to be verified by an authority, and not to be verified",
        fix: "Remove 'insecure-skip-tls-verify'.")
    }
    return Kubeconfig.Cluster(
      server: server, authority: authority, tlsServerName: try text("tls-server-name", of: node),
      proxy: try text("proxy-url", of: node), isInsecure: isInsecure)
  }

  private func user(_ node: YAMLNode) throws(Problem) -> Kubeconfig.User {
    let certificate = try certificate(of: node)
    let identity = try identity(node)
    // A certificate is enough: then no program is run.
    let isProgram = if case .program = identity { true } else { false }
    return Kubeconfig.User(
      identity: certificate != nil && isProgram ? .anonymous : identity, certificate: certificate,
      impersonation: try impersonation(of: node))
  }

  private func certificate(of node: YAMLNode) throws(Problem) -> ClientCertificate? {
    guard let chain = try material("client-certificate", of: node) else { return nil }
    guard let key = try material("client-key", of: node) else {
      throw problem(
        node.position, "the client certificate has no key",
        fix: "Add 'client-key' or 'client-key-data'.")
    }
    return ClientCertificate(chain: chain, key: Secret(key))
  }

  private func impersonation(of node: YAMLNode) throws(Problem) -> Impersonation? {
    guard let user = try text("as", of: node) else { return nil }
    var extra: [String: [String]] = [:]
    for entry in node["as-user-extra"]?.entries ?? [] {
      extra[entry.key] = (entry.value.elements ?? []).compactMap(\.text)
    }
    return Impersonation(
      user: user, uid: try text("as-uid", of: node),
      groups: (node["as-groups"]?.elements ?? []).compactMap(\.text), extra: extra)
  }

  private func identity(_ node: YAMLNode) throws(Problem) -> KubernetesIdentity {
    for old in ["auth-provider", "username", "password"] where isGiven(node[old]) {
      throw problem(
        node[old]?.position ?? node.position, "'\(old)' is no longer a way to log in",
        fix: "Use a token, a client certificate, or 'exec' with a credential program.")
    }
    // In kubectl's order: what a program prints is asked for last.
    // A file's token is the newer one.
    if let path = try text("tokenFile", of: node) { return .tokenFile(resolved(path)) }
    if let token = try text("token", of: node) { return .token(Secret(token)) }
    if let exec = node["exec"], !exec.isNull { return .program(try program(exec)) }
    return .anonymous
  }

  private func program(_ node: YAMLNode) throws(Problem) -> CredentialProgram {
    let version = try required("apiVersion", of: node)
    let known = ["client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1"]
    guard known.contains(version) else {
      throw problem(
        node["apiVersion"]?.position ?? node.position, "'\(version)' is not supported",
        fix: "Use one of: \(known.joined(separator: ", ")).")
    }
    var environment: [String: String] = [:]
    for entry in node["env"]?.elements ?? [] {
      environment[try required("name", of: entry)] = try text("value", of: entry) ?? ""
    }
    let command = try required("command", of: node)
    let mode = try text("interactiveMode", of: node) ?? "IfAvailable"
    guard ["Never", "IfAvailable", "Always"].contains(mode) else {
      throw problem(
        node["interactiveMode"]?.position ?? node.position, "'\(mode)' is no interactive mode",
        fix: "Write Never, IfAvailable or Always.")
    }
    return CredentialProgram(
      apiVersion: version,
      // A bare name is looked up in PATH, as kubectl does.
      command: command.contains("/") ? resolved(command) : command,
      arguments: (node["args"]?.elements ?? []).compactMap(\.text), environment: environment,
      installHint: try text("installHint", of: node),
      wantsClusterInfo: try text("provideClusterInfo", of: node) == "true",
      isAlwaysInteractive: mode == "Always")
  }

  /// `name` names a file; `name-data` holds the bytes in base64, and counts more.
  private func material(_ name: String, of node: YAMLNode) throws(Problem) -> Material? {
    if let data = node["\(name)-data"], isGiven(data) {
      guard let text = data.text, let bytes = Base64.decode(text.filter { !$0.isWhitespace }) else {
        throw problem(
          data.position, "'\(name)-data' is no base64", fix: "Encode the PEM file anew.")
      }
      return .bytes(bytes)
    }
    return try text(name, of: node).map { .file(resolved($0)) }
  }

  private func named(
    _ list: String, holding part: String, of root: YAMLNode
  ) throws(Problem) -> [(name: String, node: YAMLNode)] {
    guard let node = root[list], !node.isNull else { return [] }
    guard let elements = node.elements else {
      throw problem(node.position, "'\(list)' is no list", fix: "Write '- name: …' below it.")
    }
    var found: [(name: String, node: YAMLNode)] = []
    for element in elements {
      let name = try required("name", of: element)
      // kubectl takes the first of two entries with one name.
      guard !found.contains(where: { $0.name == name }) else { continue }
      guard let content = element[part], content.entries != nil else {
        throw problem(element.position, "'\(name)' has no '\(part)'", fix: "Add '\(part)': {…}.")
      }
      found.append((name, content))
    }
    return found
  }

  private func required(_ key: String, of node: YAMLNode) throws(Problem) -> String {
    guard let text = try text(key, of: node) else {
      throw problem(node.position, "'\(key)' is missing", fix: "Add '\(key)'.")
    }
    return text
  }

  /// Nil for an empty text too: kubectl does not tell it from a field that is not there.
  private func text(_ key: String, of node: YAMLNode) throws(Problem) -> String? {
    guard let value = node[key], isGiven(value) else { return nil }
    guard let text = value.text else {
      throw problem(value.position, "'\(key)' is no text", fix: "Write a text after '\(key)':.")
    }
    return text
  }

  private func isGiven(_ node: YAMLNode?) -> Bool {
    node.map { !$0.isNull && $0.text?.isEmpty != true } ?? false
  }

  private func resolved(_ path: String) -> String {
    if path.hasPrefix("/") { return path }
    let folder = file.lastIndex(of: "/").map { file[..<$0] } ?? "."
    return "\(folder)/\(path)"
  }

  private func problem(_ position: SourcePosition, _ reason: String, fix: String) -> Problem {
    Problem("the kubeconfig cannot be used", on: "\(file):\(position)", because: reason, fix: fix)
  }
}
