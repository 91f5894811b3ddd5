public import Platform

/// An access key, and the session token that belongs to it when it is a temporary one.
public struct AWSCredentials: Sendable {
  /// The public half, safe to show.
  public let accessKeyID: String
  /// The secret half.
  public let secretAccessKey: Secret<String>
  /// The token of a temporary key.
  public let sessionToken: Secret<String>?
  /// When the key stops working; nil for a permanent key.
  public let expiration: Timestamp?
  /// Where they were found, for people: "environment", "profile prod in ~/.aws/credentials".
  public let source: String

  /// Creates credentials.
  public init(
    accessKeyID: String, secretAccessKey: Secret<String>, sessionToken: Secret<String>? = nil,
    expiration: Timestamp? = nil, source: String
  ) {
    self.accessKeyID = accessKeyID
    self.secretAccessKey = secretAccessKey
    self.sessionToken = sessionToken
    self.expiration = expiration
    self.source = source
  }
}

/// A place where credentials may be found.
public protocol CredentialProvider: Sendable {
  /// The credentials of this place; nil when it has none, so that the next place is asked.
  ///
  /// - Throws: an `ExplainedError` when the place is there but cannot be used: that is the
  ///   user's mistake, and falling through to another identity would hide it.
  func credentials() async throws -> AWSCredentials?
}

/// Asks several places in turn; the first that has credentials wins.
public struct CredentialChain: CredentialProvider {
  private let providers: [any CredentialProvider]

  /// Creates a chain.
  public init(_ providers: [any CredentialProvider]) { self.providers = providers }

  public func credentials() async throws -> AWSCredentials? {
    for provider in providers {
      if let found = try await provider.credentials() { return found }
    }
    return nil
  }
}
