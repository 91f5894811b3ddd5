import Cryptography
public import HTTPClient
public import Platform

/// AWS Signature Version 4, in the Authorization header or in the query of a URL.
///
/// Source: IAM User Guide, "Create a signed AWS API request"; checked with the published test
/// vectors. Pure: the moment of signing is a parameter.
public struct RequestSigner: Sendable {
  /// How a path is written in the canonical request.
  enum PathRule: Sendable {
    /// Every service but S3: dot segments are resolved, and the encoded path is encoded again.
    case normalizedAndEncodedTwice
    /// As before, but dot segments stay.
    case encodedTwice
    /// S3: the path as it is sent.
    case verbatim
  }

  private let credentials: AWSCredentials
  private let region: String
  private let service: String
  private let pathRule: PathRule
  /// Whether the body's digest is a header field of its own, as S3 demands.
  private let namesDigest: Bool
  private let memory: SigningMemory

  /// Creates a signer for one service in one region.
  public init(credentials: AWSCredentials, region: String, service: AWSService) {
    self.init(credentials: credentials, region: region, service: service, memory: SigningMemory())
  }

  /// - Parameter memory: what was made for signatures before.
  init(
    credentials: AWSCredentials, region: String, service: AWSService, memory: SigningMemory
  ) {
    self.init(
      credentials: credentials, region: region, signingName: service.signingName,
      pathRule: service.signsAsS3 ? .verbatim : .normalizedAndEncodedTwice,
      namesDigest: service.signsAsS3, memory: memory)
  }

  init(
    credentials: AWSCredentials, region: String, signingName: String,
    pathRule: PathRule = .normalizedAndEncodedTwice, namesDigest: Bool = false,
    memory: SigningMemory = SigningMemory()
  ) {
    self.memory = memory
    self.credentials = credentials
    self.region = region
    service = signingName
    self.pathRule = pathRule
    self.namesDigest = namesDigest
  }

  /// The request with `Host`, `X-Amz-Date`, the session token if there is one, and `Authorization`.
  public func sign(_ request: HTTPRequest, at moment: Timestamp) -> HTTPRequest {
    var signed = request
    let address = RequestAddress(request.url)
    let scope = scope(at: moment)
    signed.headers.reserveCapacity(signed.headers.count + Self.mostAdded)
    signed.headers.append(HTTPHeader("X-Amz-Date", scope.stamp))
    if let token = credentials.sessionToken {
      signed.headers.append(HTTPHeader(Self.tokenName, token.reveal()))
    }
    if signed.headers.value(of: "Host") == nil {
      signed.headers.append(HTTPHeader("Host", address.authority))
    }
    let given = signed.headers.value(of: Self.digestName)
    let payload = given ?? SHA256.digest(of: signed.body).hex
    if namesDigest, given == nil {
      signed.headers.append(HTTPHeader(Self.digestName, payload))
    }
    let fields = memory.fields.product(of: .init(headers: signed.headers)) {
      SignedFields($0.headers)
    }
    let canonical = canonicalRequest(
      signed, fields, to: address, query: address.canonicalQuery, payload: payload)
    signed.headers.append(
      HTTPHeader(
        "Authorization",
        [
          Self.algorithm, " Credential=", scope.credential, ", SignedHeaders=", fields.names,
          ", Signature=", signature(of: canonical, scope),
        ].joinedAtOnce()))
    return signed
  }

  /// The longest time that a signed URL may be good for.
  public static let longestExpiry: Duration = .seconds(604_800)

  /// The request's URL with the signature in its query. What it is sent with must carry the header
  /// fields that `request` has. S3 takes any body with it.
  public func presign(
    _ request: HTTPRequest, at moment: Timestamp, expires: Duration
  ) -> String {
    var signed = request
    let address = RequestAddress(request.url)
    if signed.headers.value(of: "Host") == nil {
      signed.headers.append(HTTPHeader("Host", address.authority))
    }
    let fields = SignedFields(signed.headers)
    let scope = scope(at: moment)
    let bounded = min(max(expires, .seconds(1)), bound(of: moment))
    var parameters = [
      ("X-Amz-Algorithm", Self.algorithm),
      ("X-Amz-Credential", scope.credential),
      ("X-Amz-Date", scope.stamp),
      ("X-Amz-Expires", String(bounded.wholeMilliseconds / 1_000)),
      ("X-Amz-SignedHeaders", fields.names),
    ]
    if let token = credentials.sessionToken { parameters.append((Self.tokenName, token.reveal())) }
    let added = parameters.map { "\($0)=\(PercentEncoding.encode($1))" }
    let query = ([address.query].filter { !$0.isEmpty } + added).joined(separator: "&")
    let payload = namesDigest ? "UNSIGNED-PAYLOAD" : nil
    let canonical = canonicalRequest(
      signed, fields, to: address, query: CanonicalQuery.of(query), payload: payload)
    return "\(address.beforeQuery)?\(query)&X-Amz-Signature=\(signature(of: canonical, scope))"
  }

  /// The canonical request, as the documentation's step 1 builds it.
  func canonicalRequest(
    _ request: HTTPRequest, _ fields: SignedFields, to address: RequestAddress, query: String,
    payload: String? = nil
  ) -> [UInt8] {
    let payload =
      payload ?? request.headers.value(of: Self.digestName)
      ?? SHA256.digest(of: request.body).hex
    return [
      request.method, address.canonicalPath(pathRule), query, fields.canonical, fields.names,
      payload,
    ].utf8Joined(by: "\n")
  }

  /// What is signed, as the documentation's step 3 builds it.
  func stringToSign(_ canonical: [UInt8], _ scope: CredentialScope) -> [UInt8] {
    [Self.algorithm, scope.stamp, scope.text, SHA256.digest(of: canonical).hex]
      .utf8Joined(by: "\n")
  }

  func scope(at moment: Timestamp) -> CredentialScope {
    let matter = SigningMemory.ScopeMatter(
      accessKeyID: credentials.accessKeyID, second: moment.unixSeconds, region: region,
      service: service)
    return memory.scopes.product(of: matter) { _ in
      CredentialScope(
        accessKeyID: credentials.accessKeyID, at: moment, region: region, service: service)
    }
  }

  private static let algorithm = "AWS4-HMAC-SHA256"
  /// How many fields a signature adds at the most.
  private static let mostAdded = 5
  private static let tokenName = "X-Amz-Security-Token"
  private static let digestName = "x-amz-content-sha256"

  private func signature(of canonical: [UInt8], _ scope: CredentialScope) -> String {
    let key = memory.keys.key(scope.key, secret: credentials.secretAccessKey)
    return Hex.encode(key.authenticate(stringToSign(canonical, scope)))
  }

  /// A URL is not good for longer than the credentials that signed it.
  private func bound(of moment: Timestamp) -> Duration {
    guard let expiration = credentials.expiration else { return Self.longestExpiry }
    return max(min(expiration - moment, Self.longestExpiry), .seconds(1))
  }
}
