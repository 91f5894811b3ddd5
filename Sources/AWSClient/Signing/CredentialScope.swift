import Platform

/// When a signature is made, and what it is good for: IAM User Guide, "Elements of an AWS API request
/// signature", credential scope.
struct CredentialScope {
  /// What ends every scope.
  static let termination = "aws4_request"

  /// The moment, as in `20261124T030000Z`.
  let stamp: String
  /// What the key is derived from.
  let key: SigningKeys.Scope
  /// As in `20261124/us-east-1/s3/aws4_request`.
  let text: String
  /// The access key's ID and the scope, as requests name them.
  let credential: String

  init(accessKeyID: String, at moment: Timestamp, region: String, service: String) {
    stamp = moment.basicFormat
    let day = String(decoding: stamp.utf8.prefix(8), as: UTF8.self)
    key = SigningKeys.Scope(accessKeyID: accessKeyID, day: day, region: region, service: service)
    text = [day, region, service, Self.termination].joinedAtOnce(by: "/")
    credential = [accessKeyID, text].joinedAtOnce(by: "/")
  }
}
