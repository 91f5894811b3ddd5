public import HTTPClient
import Platform

/// A request of a Query-protocol service (RDS, STS, IAM, SNS, CloudFormation, CloudWatch): a form is
/// posted, XML comes back.
public protocol QueryRequest: AWSRequest {
  /// The typed answer; named here again so that the compiler finds it in ``answer(from:)``.
  associatedtype Answer
  /// The parameters, in the API's names.
  var parameters: QueryParameters { get }
  /// Reads the answer from the `<Action>Result` element, which is empty for calls that give nothing.
  ///
  /// - Throws: `Problem` when a field that the API promises is missing.
  static func answer(from result: XMLElement) throws -> Answer
}

extension QueryRequest {
  public var resources: [AWSResource] {
    Self.service == .rds ? RDSPermissions.resources(of: parameters, Self.action) : [.any]
  }

  public func relatedPermissions(in region: String) -> [IAMPermission] {
    Self.service == .rds
      ? RDSPermissions.related(to: parameters, Self.action, Self.effect, in: region) : []
  }

  public func message() -> WireMessage {
    FormMessage.message(parameters.flattened, action: Self.action, of: Self.service)
  }

  public var commandOptions: [CommandOption] { parameters.commandOptions }

  public static func read(_ answer: HTTPAnswer) throws -> Answer {
    let root = try XMLReader.read(answer.body)
    guard root.name == "\(action)Response" else {
      throw NotTheService.answer(root.name, to: action)
    }
    let empty = XMLElement(name: "\(action)Result", text: "", children: [])
    return try self.answer(from: root.child("\(action)Result") ?? empty)
  }
}

/// A request of Amazon EC2: as ``QueryRequest``, but lists are flat and the answer has no envelope.
///
/// In its parameters, the member name of a list is the whole name that the list has on the wire.
public protocol EC2Request: AWSRequest {
  /// The typed answer; named here again so that the compiler finds it in ``answer(from:)``.
  associatedtype Answer
  /// The parameters, in the API's names.
  var parameters: QueryParameters { get }
  /// Reads the answer from the root element.
  ///
  /// - Throws: `Problem` when a field that the API promises is missing.
  static func answer(from root: XMLElement) throws -> Answer
}

extension EC2Request {
  public func message() -> WireMessage {
    FormMessage.message(parameters.flattenedForEC2, action: Self.action, of: Self.service)
  }

  public var commandOptions: [CommandOption] { parameters.commandOptions }

  public static func read(_ answer: HTTPAnswer) throws -> Answer {
    let root = try XMLReader.read(answer.body)
    guard root.name == "\(action)Response" else {
      throw NotTheService.answer(root.name, to: action)
    }
    return try self.answer(from: root)
  }
}

private enum FormMessage {
  static func message(
    _ parameters: [(name: String, value: String)], action: String, of service: AWSService
  ) -> WireMessage {
    let head = [(name: "Action", value: action), (name: "Version", value: service.wire.version)]
    let pairs = (head + parameters).map {
      "\(PercentEncoding.encode($0.name))=\(PercentEncoding.encode($0.value))"
    }
    let type = "application/x-www-form-urlencoded; charset=utf-8"
    return WireMessage(
      method: "POST", path: "/", headers: [HTTPHeader("Content-Type", type)],
      body: Array(pairs.joined(separator: "&").utf8))
  }
}

/// An answer that is well-formed, but of something else than the service.
enum NotTheService {
  static func answer(_ found: String, to action: String) -> Problem {
    Problem(
      "cannot read the answer to \(action)",
      because: "the answer is '\(found)' and not what the service is documented to send",
      fix: "Check that the endpoint is the AWS service.")
  }
}
