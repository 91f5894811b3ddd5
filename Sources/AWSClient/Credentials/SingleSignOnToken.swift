import Cryptography
import Platform
import StrictJSON

/// The token that `aws sso login` has put into its cache; renewed, and put back, before it expires.
struct SingleSignOnToken {
  /// From so long before its end on, a token is renewed.
  static let renewBefore: Duration = .seconds(15 * 60)
  static let maximumSize = 1 << 20

  let context: CredentialContext
  let login: SingleSignOnLogin
  let profile: String

  func current() async throws -> Secret<String> {
    let file = try read()
    guard let token = file.string("accessToken"), let expires = file.moment("expiresAt") else {
      throw login.expired(profile: profile, because: "\(path) has no token")
    }
    let now = context.time.now().wall
    if expires - now > Self.renewBefore { return Secret(token) }
    if let renewed = try await renewed(file, at: now) { return renewed }
    guard expires > now else {
      throw login.expired(profile: profile, because: "the token in \(path) expired at \(expires)")
    }
    return Secret(token)
  }

  private var path: String {
    let home = context.settings.environment["HOME"] ?? "/"
    return "\(home)/.aws/sso/cache/\(Hex.encode(SHA1.digest(of: Array(login.cacheKey.utf8)))).json"
  }

  private func read() throws -> JSONValue {
    do {
      return try JSONValue(parsing: try DurableFile.read(path, limit: Self.maximumSize))
    } catch let error as FileError where error.isMissing {
      throw login.expired(profile: profile, because: "there is no \(path)")
    }
  }

  /// Nil when the token cannot be renewed.
  private func renewed(_ file: JSONValue, at now: Timestamp) async throws -> Secret<String>? {
    guard let clientID = file.string("clientId"), let clientSecret = file.string("clientSecret"),
      let refreshToken = file.string("refreshToken"),
      file.moment("registrationExpiresAt").map({ $0 > now }) ?? false
    else { return nil }
    let request = CreateToken(
      clientID: clientID, clientSecret: Secret(clientSecret), refreshToken: Secret(refreshToken))
    do {
      let token = try await context.client(CredentialChain([])).send(
        request, region: login.region, log: nil)
      try keep(token, in: file, at: now)
      return token.access
    } catch is AWSError {
      return nil
    }
  }

  /// The portal may give the refresh token only once: the next program needs the new one.
  private func keep(_ token: CreateToken.Token, in file: JSONValue, at now: Timestamp) throws {
    guard var object = file.objectValue else { return }
    object["accessToken"] = .string(token.access.reveal())
    object["expiresAt"] = .string((now + token.lifetime).formatted(fractionDigits: 0))
    if let refresh = token.refresh { object["refreshToken"] = .string(refresh.reveal()) }
    let bytes = try JSONValue.object(object).canonicalBytes()
    try DurableFile.write(bytes, to: path, mode: 0o600, existing: .replace)
  }
}
