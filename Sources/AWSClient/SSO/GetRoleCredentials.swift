import Platform
import StrictJSON

/// `sso:GetRoleCredentials`: a session of a role for somebody who has signed on.
struct GetRoleCredentials: RESTJSONRequest {
  static let service = AWSService.sso
  static let action = "GetRoleCredentials"
  static let effect = RequestEffect.reads
  static let isSigned = false

  let account: String
  let role: String
  let token: Secret<String>

  var input: RESTInput {
    var input = RESTInput("GET", "/federation/credentials")
    input.setQuery("accountId", account, wire: "account_id")
    input.setQuery("roleName", role, wire: "role_name")
    input.setSecretHeader("accessToken", token, wire: "x-amz-sso_bearer_token")
    return input
  }

  static func answer(from result: JSONValue) throws -> AWSCredentials {
    let found = result["roleCredentials"] ?? [:]
    return AWSCredentials(
      accessKeyID: try found.required("accessKeyId", of: action),
      secretAccessKey: Secret(try found.required("secretAccessKey", of: action)),
      sessionToken: Secret(try found.required("sessionToken", of: action)),
      // In milliseconds, unlike every other service's.
      expiration: found.number("expiration").map {
        Timestamp(unixSeconds: 0) + .milliseconds(Int64($0))
      }, source: "single sign-on")
  }
}

/// `sso-oidc:CreateToken`: a new token in place of one that is about to expire.
struct CreateToken: RESTJSONRequest {
  static let service = AWSService.ssoOIDC
  static let action = "CreateToken"
  static let effect = RequestEffect.changes
  static let isSigned = false

  let clientID: String
  let clientSecret: Secret<String>
  let refreshToken: Secret<String>

  struct Token: Sendable {
    let access: Secret<String>
    let refresh: Secret<String>?
    let lifetime: Duration
  }

  var input: RESTInput {
    var input = RESTInput("POST", "/token")
    input.setMember("clientId", .string(clientID))
    input.setMember("grantType", "refresh_token")
    input.setSecretMember("clientSecret", clientSecret)
    input.setSecretMember("refreshToken", refreshToken)
    return input
  }

  static func answer(from result: JSONValue) throws -> Token {
    Token(
      access: Secret(try result.required("accessToken", of: action)),
      refresh: result.string("refreshToken").map { Secret($0) },
      lifetime: .seconds(result.integer("expiresIn") ?? 0))
  }
}
