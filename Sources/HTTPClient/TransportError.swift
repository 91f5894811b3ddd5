public import Platform

/// No complete HTTP answer came.
public struct TransportError: ExplainedError, Equatable {
  /// What stood in the way.
  public enum Kind: Sendable, Equatable {
    case nameNotResolved, connectionRefused, tlsRefused, timedOut, connectionLost, answerTooLarge
    case notARequest, outOfResources
  }

  /// What stood in the way.
  public let kind: Kind
  /// Whether the server may have received the request, and so may have acted on it.
  public let mayHaveArrived: Bool
  /// Where the request went: scheme, host and port, never the query.
  public let origin: String
  /// libcurl's words.
  public let detail: String

  /// Creates an error.
  public init(kind: Kind, mayHaveArrived: Bool, origin: String, detail: String) {
    self.kind = kind
    self.mayHaveArrived = mayHaveArrived
    self.origin = origin
    self.detail = detail
  }

  public var summary: String { "no answer from the server" }
  public var subject: String? { origin }
  public var reason: String { detail }
  public var remedy: String {
    switch kind {
    case .nameNotResolved: "Check the host name, the region and the resolver of this machine."
    case .connectionRefused: "Check that the endpoint is up and reachable from this machine."
    case .tlsRefused: "Check the certificate and the CA bundle (AWS_CA_BUNDLE)."
    case .timedOut, .connectionLost: "Check the network between this machine and the endpoint."
    case .answerTooLarge: "Check that the endpoint is the service it is taken for."
    case .notARequest: "Check the endpoint's URL."
    case .outOfResources: "Free memory or file descriptors, then run the same command again."
    }
  }
}
