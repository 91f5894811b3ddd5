import AWSClient
import Cryptography
public import HTTPClient
import KubernetesClient
public import Platform
import Synchronization

/// Reaches clusters, each through one client. Nothing is read or called before the first request.
public final class ClusterDirectory: Sendable {
  let http: HTTPClient
  private let environment: [String: String]
  private let time: any TimeSource
  private let random: any RandomSource
  private let version: String
  private let clients = Mutex<[KubernetesTarget: KubernetesClient]>([:])

  /// Prepares the way.
  ///
  /// - Parameters:
  ///   - http: the client for everything that is neither AWS nor a database.
  ///   - environment: where `KUBECONFIG` and what a pod is given are looked up; credential programs get
  ///     it too.
  public init(
    http: HTTPClient, environment: [String: String], time: any TimeSource,
    random: any RandomSource, version: String
  ) {
    self.http = http
    self.environment = environment
    self.time = time
    self.random = random
    self.version = version
  }

  /// The client of a cluster.
  func client(of target: KubernetesTarget, aws: AWSClient) async throws -> KubernetesClient {
    if let known = clients.withLock({ $0[target] }) { return known }
    let made = KubernetesClient(
      try await connection(to: target, aws), http: http, environment: environment, time: time,
      random: random, version: version)
    return clients.withLock { clients in
      if let known = clients[target] { return known }
      clients[target] = made
      return made
    }
  }

  private func connection(
    to target: KubernetesTarget, _ aws: AWSClient
  ) async throws -> KubernetesConnection {
    switch target {
    case .context(let name):
      return try Kubeconfig.read(environment: environment).connection(context: name)
    case .inCluster: return try .inCluster(environment: environment)
    case .eks(let name, let region):
      let cluster = try await aws.send(DescribeCluster(name: name), region: region, log: nil)
      guard let endpoint = cluster.endpoint, let data = cluster.certificateAuthority,
        let authority = Base64.decode(data)
      else {
        throw Problem(
          "the EKS cluster cannot be reached yet", on: "\(name) in \(region)",
          because: "its status is \(cluster.status), and it has no endpoint",
          fix: "Wait until it is ACTIVE; an 'eks' component that the plan depends on does that.")
      }
      return KubernetesConnection(
        context: cluster.arn, server: endpoint, authority: .bytes(authority),
        identity: .issued(
          EKSTokenIssuer(aws: aws, cluster: name, region: region, time: time)))
    }
  }
}
