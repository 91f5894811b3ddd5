public import HTTPClient
public import StrictJSON

/// A request of a REST-JSON service (Backup, EKS).
public protocol RESTJSONRequest: AWSRequest {
  /// The typed answer; named here again so that the compiler finds it in ``answer(from:)``.
  associatedtype Answer
  /// Method, path, query, header fields and body.
  var input: RESTInput { get }
  /// Reads the answer.
  ///
  /// - Throws: `Problem` when a field that the API promises is missing.
  static func answer(from result: JSONValue) throws -> Answer
}

extension RESTJSONRequest {
  public func message() throws -> WireMessage { try input.message(jsonBody: true) }

  public var commandOptions: [CommandOption] { input.commandOptions }

  public static func read(_ answer: HTTPAnswer) throws -> Answer {
    try self.answer(from: try JSONAnswer.read(answer.body))
  }
}

/// A request of a REST-XML service (S3, Route 53).
public protocol RESTXMLRequest: AWSRequest {
  /// The typed answer; named here again so that the compiler finds it in ``answer(from:)``.
  associatedtype Answer
  /// Method, path, query, header fields and body.
  var input: RESTInput { get }
  /// Reads the answer.
  ///
  /// - Throws: `Problem` when a field that the API promises is missing.
  static func answer(from answer: RESTAnswer) throws -> Answer
}

/// An answer in which header fields matter as well.
public struct RESTAnswer: Sendable {
  /// The header fields.
  public let headers: [HTTPHeader]
  /// The body.
  public let body: [UInt8]

  /// The body as XML.
  ///
  /// - Throws: `Problem` when it is none; ``Refusal`` when it is S3's way to say no after it has begun
  ///   its answer with yes (CopyObject, CompleteMultipartUpload).
  public func xml() throws -> XMLElement {
    // What keeps a connection alive may stand before the document.
    let root = try XMLReader.read(Array(body.drop { $0 == 0x20 || (0x09...0x0D).contains($0) }))
    if root.name == "Error" { throw Refusal(status: 200, error: root) }
    return root
  }
}

extension RESTXMLRequest {
  public func message() throws -> WireMessage { try input.message(jsonBody: false) }

  public var commandOptions: [CommandOption] { input.commandOptions }

  public static func read(_ answer: HTTPAnswer) throws -> Answer {
    try self.answer(from: RESTAnswer(headers: answer.headers, body: answer.body))
  }
}
