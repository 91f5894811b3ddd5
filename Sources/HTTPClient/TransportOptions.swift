public import Platform

/// How one server is reached, where that differs from the client's own way.
///
/// Certificates are verified unless ``isUnverified`` says otherwise, which only a person's own
/// configuration may ask for.
public struct TransportOptions: Sendable {
  /// PEM certificates of the authorities to trust in place of the client's.
  public var authorities: [UInt8]?
  /// A client certificate (PEM, with its chain) and its key.
  public var identity: Identity?
  /// The name to ask for and to verify in the server's certificate, in place of the URL's host.
  public var serverName: String?
  /// The proxy (`http`, `https` or `socks5` URL), in place of the environment's.
  public var proxy: String?
  /// Whether the server's certificate is not verified.
  public var isUnverified: Bool

  /// A client certificate and its key, both PEM.
  public struct Identity: Sendable {
    let certificate: [UInt8]
    let key: Secret<[UInt8]>

    /// Creates an identity.
    public init(certificate: [UInt8], key: Secret<[UInt8]>) {
      self.certificate = certificate
      self.key = key
    }
  }

  /// Creates options; without arguments a server is reached as the client does by itself.
  public init(
    authorities: [UInt8]? = nil, identity: Identity? = nil, serverName: String? = nil,
    proxy: String? = nil, isUnverified: Bool = false
  ) {
    self.authorities = authorities
    self.identity = identity
    self.serverName = serverName
    self.proxy = proxy
    self.isUnverified = isUnverified
  }
}
