import HTTPClient
public import Platform

extension AWSService {
  /// Logins to databases of RDS: no calls, only signatures.
  static let rdsDatabase = AWSService(
    "RDS", endpointPrefix: "rds-db", wire: .query(version: "2014-10-31"))
}

extension AWSClient {
  /// A token that stands for a password where IAM database authentication is on, good for fifteen
  /// minutes.
  ///
  /// Source: RDS User Guide, "IAM database authentication": a presigned URL of the action `connect`,
  /// without its scheme.
  ///
  /// - Throws: `Problem` for missing credentials.
  public func databaseToken(
    host: String, port: Int, user: String, region: String
  ) async throws -> Secret<String> {
    let url = try await presigned(
      DatabaseToken.request(host: host, port: port, user: user), for: .rdsDatabase, in: region,
      expires: DatabaseToken.lifetime)
    return Secret(DatabaseToken.withoutScheme(url))
  }
}

enum DatabaseToken {
  static let lifetime: Duration = .seconds(900)
  private static let scheme = "https://"

  static func request(host: String, port: Int, user: String) -> HTTPRequest {
    HTTPRequest(
      method: "GET",
      url: "\(scheme)\(host):\(port)/?Action=connect&DBUser=\(PercentEncoding.encode(user))")
  }

  static func withoutScheme(_ url: String) -> String { String(url.dropFirst(scheme.count)) }
}
