public import Platform

/// How to reach one API server, and as whom.
public struct KubernetesConnection: Sendable {
  /// The context it comes from.
  public let context: String
  /// The base URL.
  public let server: String
  /// The namespace that the context is for.
  public let namespace: String
  /// The authorities that sign the server's certificate; nil for the system's.
  public let authority: Material?
  /// The name that the server's certificate must hold; nil for the host of the URL.
  public let tlsServerName: String?
  /// The proxy; nil leaves it to the environment.
  public let proxy: String?
  /// Whether the file says that the server's certificate is not to be verified.
  public let isInsecure: Bool
  /// As whom requests are made.
  public let identity: KubernetesIdentity
  /// The certificate that connections are made with, beside the identity or alone.
  public let certificate: ClientCertificate?
  /// As whom the server is asked to treat the requests.
  public let impersonation: Impersonation?

  /// Creates a connection.
  public init(
    context: String, server: String, namespace: String = "default", authority: Material? = nil,
    tlsServerName: String? = nil, proxy: String? = nil, isInsecure: Bool = false,
    identity: KubernetesIdentity, certificate: ClientCertificate? = nil,
    impersonation: Impersonation? = nil
  ) {
    self.context = context
    self.server = server
    self.namespace = namespace
    self.authority = authority
    self.tlsServerName = tlsServerName
    self.proxy = proxy
    self.isInsecure = isInsecure
    self.identity = identity
    self.certificate = certificate
    self.impersonation = impersonation
  }
}

/// A client certificate and its key.
public struct ClientCertificate: Sendable {
  /// The certificate with its chain, PEM.
  public let chain: Material
  /// The key, PEM.
  public let key: Secret<Material>

  /// Creates a certificate.
  public init(chain: Material, key: Secret<Material>) {
    self.chain = chain
    self.key = key
  }
}

/// A user that requests are made in the name of (`Impersonate-User` and its like).
public struct Impersonation: Sendable, Equatable {
  /// The user.
  public let user: String
  /// The user's identifier.
  public let uid: String?
  /// The user's groups.
  public let groups: [String]
  /// What else is said of the user, each with its values.
  public let extra: [String: [String]]
}

/// Bytes that stand in a file, or in the kubeconfig itself.
public enum Material: Sendable, Equatable {
  /// The path of the file, resolved against the kubeconfig's folder.
  case file(String)
  /// The bytes themselves.
  case bytes([UInt8])
}

/// As whom requests are made. A client certificate may be used beside it.
public enum KubernetesIdentity: Sendable {
  /// As nobody, or as the client certificate says.
  case anonymous
  /// With a bearer token.
  case token(Secret<String>)
  /// With a bearer token that is read from a file again and again, since it is rotated.
  case tokenFile(String)
  /// With what a program prints (client.authentication.k8s.io).
  case program(CredentialProgram)
  /// With tokens that this program makes itself.
  case issued(any BearerTokenIssuer)
}

/// Makes bearer tokens for a cluster.
public protocol BearerTokenIssuer: Sendable {
  /// A fresh token, and when a new one is to be asked for.
  func token() async throws -> (token: Secret<String>, renewAt: Timestamp)
}

/// A program that prints credentials.
public struct CredentialProgram: Sendable, Equatable {
  /// The API version that it is asked for: v1 or v1beta1 of client.authentication.k8s.io.
  public let apiVersion: String
  /// The program.
  public let command: String
  /// Its arguments.
  public let arguments: [String]
  /// Variables that are added to its environment.
  public let environment: [String: String]
  /// What to tell a person when the program is not there.
  public let installHint: String?
  /// Whether it is told about the cluster.
  public let wantsClusterInfo: Bool
  /// Whether it must be able to ask a person.
  public let isAlwaysInteractive: Bool
}
