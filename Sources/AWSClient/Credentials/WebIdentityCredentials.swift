import Platform

/// A session of a role for a token in a file, as Kubernetes gives its pods (IRSA): named by the
/// environment, else by the profile. The file is read again for each session, since its token is
/// replaced.
struct WebIdentityCredentials: CredentialProvider {
  /// The largest token accepted.
  static let longestToken = 64 << 10

  let context: CredentialContext
  let profile: String
  let mayUseEnvironment: Bool

  func credentials() async throws -> AWSCredentials? {
    let keys = try context.sharedFiles().profile(profile) ?? [:]
    let environment = mayUseEnvironment ? context.settings.environment : [:]
    guard
      let path = environment["AWS_WEB_IDENTITY_TOKEN_FILE"].nonEmpty
        ?? keys["web_identity_token_file"].nonEmpty
    else { return nil }
    guard let role = environment["AWS_ROLE_ARN"].nonEmpty ?? keys["role_arn"].nonEmpty else {
      throw Problem(
        "cannot use the web identity", on: path,
        because: "there is a token file, but no role",
        fix: "Set AWS_ROLE_ARN, or role_arn in profile \(profile).")
    }
    let token = try DurableFile.read(path, limit: Self.longestToken)
    let request = AssumeRoleWithWebIdentity(
      role: role,
      sessionName: environment["AWS_ROLE_SESSION_NAME"].nonEmpty
        ?? keys["role_session_name"].nonEmpty ?? context.sessionName,
      token: Secret(String(decoding: token, as: UTF8.self).trimmingWhitespace()),
      durationSeconds: keys["duration_seconds"].flatMap { Int($0) })
    let session = try await context.client(CredentialChain([])).send(
      request, region: context.region(keys, role: role), log: nil)
    return session.found("role \(role) for the token in \(path)")
  }
}
