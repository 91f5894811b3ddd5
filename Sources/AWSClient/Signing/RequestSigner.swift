import Cryptography
public import HTTPClient
public import Platform

/// AWS Signature Version 4 in the Authorization header.
///
/// Source: IAM User Guide, "Create a signed AWS API request"; checked with the published test
/// vectors. Pure: the moment of signing is a parameter.
public struct RequestSigner: Sendable {
  /// How a path is written in the canonical request.
  public enum PathRule: Sendable {
    /// Every service but S3: dot segments are resolved, and the encoded path is encoded again.
    case normalizedAndEncodedTwice
    /// S3: the path as it is sent.
    case verbatim
  }

  private let credentials: AWSCredentials
  private let region: String
  private let service: String
  private let pathRule: PathRule

  /// Creates a signer for one service in one region.
  public init(
    credentials: AWSCredentials, region: String, service: String,
    pathRule: PathRule = .normalizedAndEncodedTwice
  ) {
    self.credentials = credentials
    self.region = region
    self.service = service
    self.pathRule = pathRule
  }

  /// The request with `Host`, `X-Amz-Date`, the session token if there is one, and `Authorization`.
  public func sign(_ request: HTTPRequest, at moment: Timestamp) -> HTTPRequest {
    var signed = request
    let address = RequestAddress(request.url)
    let stamp = Self.basicFormat(moment)
    signed.headers.append(HTTPHeader("X-Amz-Date", stamp))
    if let token = credentials.sessionToken {
      signed.headers.append(HTTPHeader("X-Amz-Security-Token", token.reveal()))
    }
    if signed.headers.value(of: "Host") == nil {
      signed.headers.append(HTTPHeader("Host", address.authority))
    }
    let scope = "\(stamp.prefix(8))/\(region)/\(service)/aws4_request"
    let canonical = canonicalRequest(signed, address: address)
    let toSign =
      "AWS4-HMAC-SHA256\n\(stamp)\n\(scope)\n\(SHA256.digest(of: Array(canonical.utf8)).hex)"
    let signature = Hex.encode(
      HMACSHA256.authenticate(Array(toSign.utf8), key: signingKey(day: String(stamp.prefix(8)))))
    signed.headers.append(
      HTTPHeader(
        "Authorization",
        "AWS4-HMAC-SHA256 Credential=\(credentials.accessKeyID)/\(scope), "
          + "SignedHeaders=\(signedHeaderNames(signed)), Signature=\(signature)"))
    return signed
  }

  /// The canonical request, as the documentation's step 1 builds it.
  func canonicalRequest(_ request: HTTPRequest, address: RequestAddress) -> String {
    let payload =
      request.headers.value(of: "x-amz-content-sha256") ?? SHA256.digest(of: request.body).hex
    return [
      request.method, address.canonicalPath(pathRule), address.canonicalQuery,
      canonicalHeaders(request), signedHeaderNames(request), payload,
    ].joined(separator: "\n")
  }

  private static let neverSigned: Set<String> = [
    "authorization", "connection", "expect", "keep-alive", "te", "trailer", "transfer-encoding",
    "upgrade", "user-agent", "x-amzn-trace-id", "proxy-authorization", "proxy-authenticate",
  ]

  private func names(_ request: HTTPRequest) -> [String] {
    Set(request.headers.map { $0.name.lowercased() }).subtracting(Self.neverSigned).sorted()
  }

  private func signedHeaderNames(_ request: HTTPRequest) -> String {
    names(request).joined(separator: ";")
  }

  private func canonicalHeaders(_ request: HTTPRequest) -> String {
    names(request).map { name in
      let values = request.headers.filter { $0.name.lowercased() == name }
        .map { Self.collapseSpaces($0.value) }
      return "\(name):\(values.joined(separator: ","))\n"
    }.joined()
  }

  private func signingKey(day: String) -> [UInt8] {
    let start = Array("AWS4\(credentials.secretAccessKey.reveal())".utf8)
    return [day, region, service, "aws4_request"].reduce(start) { key, part in
      HMACSHA256.authenticate(Array(part.utf8), key: key)
    }
  }

  private static func collapseSpaces(_ value: String) -> String {
    value.split(whereSeparator: { $0 == " " || $0 == "\t" || $0.isNewline }).joined(separator: " ")
  }

  /// ISO 8601 basic format: `20261124T030000Z`.
  static func basicFormat(_ moment: Timestamp) -> String {
    moment.formatted(fractionDigits: 0).filter { $0 != "-" && $0 != ":" }
  }
}
