import Platform

/// A session of a role for whoever has signed on with `aws sso login`: the profile names
/// `sso_account_id`, `sso_role_name`, and `sso_session`, or `sso_start_url` and `sso_region`.
struct SingleSignOnCredentials: CredentialProvider {
  let context: CredentialContext
  let profile: String

  func credentials() async throws -> AWSCredentials? {
    let files = try context.sharedFiles()
    guard let keys = files.profile(profile), let account = keys["sso_account_id"].nonEmpty,
      let role = keys["sso_role_name"].nonEmpty
    else { return nil }
    let login = try login(keys, files)
    let token = try await SingleSignOnToken(context: context, login: login, profile: profile)
      .current()
    let request = GetRoleCredentials(account: account, role: role, token: token)
    do {
      let session = try await context.client(CredentialChain([])).send(
        request, region: login.region, log: nil)
      return session.found("single sign-on, role \(role) of account \(account)")
    } catch let error as AWSError where error.code == "UnauthorizedException" {
      throw login.expired(profile: profile, because: "the portal does not take the token")
    }
  }

  private func login(_ keys: [String: String], _ files: SharedFiles) throws -> SingleSignOnLogin {
    if let session = keys["sso_session"].nonEmpty {
      guard let values = files.config.section("sso-session \(session)")?.values,
        let region = values["sso_region"].nonEmpty
      else {
        throw mistake("\(context.settings.configPath) has no usable [sso-session \(session)]")
      }
      return SingleSignOnLogin(cacheKey: session, region: region, session: session)
    }
    guard let url = keys["sso_start_url"].nonEmpty, let region = keys["sso_region"].nonEmpty else {
      throw mistake("it has neither sso_session nor both sso_start_url and sso_region")
    }
    return SingleSignOnLogin(cacheKey: url, region: region, session: nil)
  }

  private func mistake(_ reason: String) -> Problem {
    Problem(
      "cannot use the single sign-on of a profile", on: "profile \(profile)", because: reason,
      fix: "Run 'aws configure sso --profile \(profile)'.")
  }
}

/// Where somebody signs on.
struct SingleSignOnLogin {
  /// What the name of the token's file is made from.
  let cacheKey: String
  let region: String
  let session: String?

  func expired(profile: String, because reason: String) -> Problem {
    let name = session.map { "--sso-session \($0)" } ?? "--profile \(profile)"
    return Problem(
      "the sign-on has ended", on: "profile \(profile)", because: reason,
      fix: "Run 'aws sso login \(name)', then the same command again.")
  }
}
