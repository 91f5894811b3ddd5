import Platform

/// The variables `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and `AWS_SESSION_TOKEN`.
public struct EnvironmentCredentials: CredentialProvider {
  private let environment: [String: String]

  /// Reads from the given environment.
  public init(environment: [String: String]) { self.environment = environment }

  public func credentials() async throws -> AWSCredentials? {
    let key = environment["AWS_ACCESS_KEY_ID"].nonEmpty
    let secret = environment["AWS_SECRET_ACCESS_KEY"].nonEmpty
    guard key != nil || secret != nil else { return nil }
    guard let key, let secret else {
      let missing = key == nil ? "AWS_ACCESS_KEY_ID" : "AWS_SECRET_ACCESS_KEY"
      throw Problem(
        "cannot use the credentials of the environment", on: missing,
        because: "only one half of the key is set", fix: "Set \(missing) too, or unset both.")
    }
    return AWSCredentials(
      accessKeyID: key, secretAccessKey: Secret(secret),
      sessionToken: environment["AWS_SESSION_TOKEN"].nonEmpty.map { Secret($0) },
      source: "environment")
  }
}

extension String? {
  /// The text, or nil when it is empty: an empty variable counts as unset.
  var nonEmpty: String? { self.flatMap { $0.isEmpty ? nil : $0 } }
}
