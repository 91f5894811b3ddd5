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
}

/// Bytes that stand in a file, or in the kubeconfig itself.
public enum Material: Sendable, Equatable {
  /// The path of the file, resolved against the kubeconfig's folder.
  case file(String)
  /// The bytes themselves.
  case bytes([UInt8])
}

/// As whom requests are made, in the order of kubectl: a certificate and a token may both be there,
/// then the token counts for the request and the certificate for the connection.
public enum KubernetesIdentity: Sendable {
  /// As nobody.
  case anonymous
  /// With a bearer token.
  case token(Secret<String>)
  /// With a bearer token that is read from a file each time, since it is rotated.
  case tokenFile(String)
  /// With a client certificate.
  case certificate(Material, key: Secret<Material>)
  /// With what a program prints (client.authentication.k8s.io).
  case program(CredentialProgram)
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
}
