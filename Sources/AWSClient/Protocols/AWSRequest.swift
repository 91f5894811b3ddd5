public import HTTPClient
import Platform

/// What a request does to the world.
public enum RequestEffect: String, Sendable, Codable {
  /// Nothing: it may be sent again at will.
  case reads
  /// Makes a resource.
  case creates
  /// Changes a resource that is there.
  case changes
  /// Removes a resource.
  case deletes
}

/// A typed request. The wire form, the AWS CLI command, the IAM action and the request's digest are
/// all derived from it.
///
/// A request conforms to the protocol of its service's wire form, which supplies everything but the
/// input and the reading of the output: ``QueryRequest``, ``EC2Request``, ``JSONRequest``,
/// ``RESTJSONRequest``, ``RESTXMLRequest``.
public protocol AWSRequest: Sendable {
  /// The typed answer.
  associatedtype Answer: Sendable
  /// The service that understands it.
  static var service: AWSService { get }
  /// The action's name in the API.
  static var action: String { get }
  /// What it does to the world.
  static var effect: RequestEffect { get }
  /// The IAM action: `rds:DescribeDBInstances`. Some actions of S3 have another name in policies.
  static var iamAction: String { get }
  /// What it touches, for IAM policies; placeholders stand for what is not known yet.
  var resources: [AWSResource] { get }
  /// What the service asks for besides when it serves the call.
  ///
  /// - Parameter region: the region that the call goes to.
  func relatedPermissions(in region: String) -> [IAMPermission]
  /// Whether the request is signed; those that get credentials are not.
  static var isSigned: Bool { get }
  /// Whether the service works on the call before it answers, for minutes maybe.
  static var takesLong: Bool { get }
  /// By what the service knows a repetition of the same request. With one, the request may be sent
  /// again at will, whatever it does.
  var idempotencyToken: String? { get }
  /// The request as it goes over the wire.
  ///
  /// - Throws: when the input cannot be written, which is a defect.
  func message() throws -> WireMessage
  /// The input as options of the AWS CLI.
  var commandOptions: [CommandOption] { get }
  /// Reads an answer of a status in the two hundreds.
  ///
  /// - Throws: `Problem` when it is not what the service is documented to send; ``Refusal`` when it
  ///   says no in spite of its status.
  static func read(_ answer: HTTPAnswer) throws -> Answer
}

extension AWSRequest {
  public static var iamAction: String { "\(service.iamPrefix):\(action)" }
  public var resources: [AWSResource] { [.any] }
  public func relatedPermissions(in region: String) -> [IAMPermission] { [] }
  public static var isSigned: Bool { true }
  public static var takesLong: Bool { false }
  public var idempotencyToken: String? { nil }

  /// Whether the request may be sent again although it is not known what came of it.
  var mayBeRepeated: Bool { Self.effect == .reads || idempotencyToken != nil }
}

/// A request on its way to the wire, before it is known which host it goes to.
public struct WireMessage: Sendable {
  /// The method.
  public var method: String
  /// The path, encoded, beginning with a slash.
  public var path: String
  /// The query, names and values as they are meant; nil is a name without a value.
  public var query: [(name: String, value: String?)]
  /// Header fields.
  public var headers: [HTTPHeader]
  /// The body.
  public var body: [UInt8]
  /// S3's bucket, which belongs in the host name or at the front of the path.
  public var bucket: String?
  /// The largest answer accepted, in bytes.
  public var maximumAnswerSize: Int

  /// Creates a message.
  public init(
    method: String, path: String, query: [(name: String, value: String?)] = [],
    headers: [HTTPHeader] = [], body: [UInt8] = [], bucket: String? = nil,
    maximumAnswerSize: Int = 16 << 20
  ) {
    self.method = method
    self.path = path
    self.query = query
    self.headers = headers
    self.body = body
    self.bucket = bucket
    self.maximumAnswerSize = maximumAnswerSize
  }

  /// Path and query as they stand in a URL.
  var target: String {
    if query.isEmpty { return path }
    let pairs = query.map { name, value in
      PercentEncoding.encode(name) + (value.map { "=\(PercentEncoding.encode($0))" } ?? "=")
    }
    return "\(path)?\(pairs.joined(separator: "&"))"
  }
}
