import Platform

/// What the kubeconfig files say, merged as kubectl merges them: of two values for the same thing the
/// first file's counts (Kubernetes documentation, "Organizing Cluster Access Using kubeconfig
/// Files", "Merging kubeconfig files").
public struct Kubeconfig: Sendable {
  /// The context in use when none is named.
  public internal(set) var currentContext: String?
  var contexts: [String: Context] = [:]
  var clusters: [String: Cluster] = [:]
  var users: [String: User] = [:]
  /// The files that were read, in their order.
  public internal(set) var files: [String] = []

  struct Context: Sendable {
    let cluster: String
    let user: String?
    let namespace: String?
  }

  struct Cluster: Sendable {
    let server: String
    let authority: Material?
    let tlsServerName: String?
    let proxy: String?
    let isInsecure: Bool
  }

  struct User: Sendable {
    let identity: KubernetesIdentity
    let certificate: ClientCertificate?
    let impersonation: Impersonation?
  }

  /// The largest file that is read.
  static let maximumSize = 4 << 20

  /// Reads the files that `KUBECONFIG` lists, else `~/.kube/config`. Files of the list that are not
  /// there are left out, as kubectl leaves them out.
  ///
  /// - Throws: `Problem` with file, line and column; `FileError` for a file that cannot be read.
  ///
  /// - Parameter file: this file alone counts, and it must be there.
  public static func read(
    environment: [String: String], file: String? = nil
  ) throws -> Kubeconfig {
    if let file {
      var config = try KubeconfigReader(file: file).read(
        try DurableFile.read(file, limit: maximumSize))
      config.files.append(file)
      return config
    }
    let listed = (environment["KUBECONFIG"] ?? "").split(separator: ":").map(String.init)
    let paths = listed.isEmpty ? ["\(environment["HOME"] ?? "")/.kube/config"] : listed
    var merged = Kubeconfig()
    for path in paths {
      let bytes: [UInt8]
      do throws(FileError) {
        bytes = try DurableFile.read(path, limit: maximumSize)
      } catch {
        if error.isMissing { continue }
        throw error
      }
      merged.add(try KubeconfigReader(file: path).read(bytes))
      merged.files.append(path)
    }
    return merged
  }

  /// What is needed to talk to the API server of a context.
  ///
  /// - Parameter name: the context; nil for the current one.
  /// - Throws: `Problem` when there is no such context, or it refers to something that is not there.
  public func connection(context name: String?) throws -> KubernetesConnection {
    guard let name = name ?? currentContext else {
      throw problem(
        "no Kubernetes context is named", on: nil, because: "and none is current",
        fix: "Name one in the plan, or set one with 'kubectl config use-context'.")
    }
    guard let context = contexts[name] else {
      let known = contexts.keys.sorted().joined(separator: ", ")
      throw problem(
        "there is no such Kubernetes context", on: name,
        because: known.isEmpty ? "there is no context at all" : "the contexts are: \(known)",
        fix: "Correct the name, or add the file to KUBECONFIG.")
    }
    guard let cluster = clusters[context.cluster] else {
      throw problem(
        "the Kubernetes context cannot be used", on: name,
        because: "it names the cluster '\(context.cluster)', which is not there",
        fix: "Add the cluster, or the file that holds it, to KUBECONFIG.")
    }
    let user = context.user.flatMap { users[$0] }
    guard context.user == nil || user != nil else {
      throw problem(
        "the Kubernetes context cannot be used", on: name,
        because: "it names the user '\(context.user ?? "")', which is not there",
        fix: "Add the user, or the file that holds it, to KUBECONFIG.")
    }
    return KubernetesConnection(
      context: name, server: cluster.server, namespace: context.namespace ?? "default",
      authority: cluster.authority, tlsServerName: cluster.tlsServerName, proxy: cluster.proxy,
      isInsecure: cluster.isInsecure, identity: user?.identity ?? .anonymous,
      certificate: user?.certificate, impersonation: user?.impersonation)
  }

  private mutating func add(_ later: Kubeconfig) {
    currentContext = currentContext ?? later.currentContext
    contexts.merge(later.contexts) { first, _ in first }
    clusters.merge(later.clusters) { first, _ in first }
    users.merge(later.users) { first, _ in first }
  }

  private func problem(
    _ summary: String, on subject: String?, because reason: String, fix: String
  ) -> Problem {
    let place = files.isEmpty ? "no kubeconfig file was found" : files.joined(separator: ", ")
    return Problem(summary, on: subject, because: "\(reason) (\(place))", fix: fix)
  }
}
