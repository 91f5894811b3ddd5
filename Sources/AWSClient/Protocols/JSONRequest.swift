public import HTTPClient
import Platform
public import StrictJSON

/// A request of a JSON-protocol service (KMS, Secrets Manager, SSM, Service Quotas): the action stands
/// in `X-Amz-Target`, an object goes out and one comes back.
public protocol JSONRequest: AWSRequest {
  /// The typed answer; named here again so that the compiler finds it in ``answer(from:)``.
  associatedtype Answer
  /// The members of the input, in the API's names.
  var input: JSONObject { get }
  /// Members that no command line may show.
  static var secretMembers: Set<String> { get }
  /// Reads the answer.
  ///
  /// - Throws: `Problem` when a field that the API promises is missing.
  static func answer(from result: JSONValue) throws -> Answer
}

extension JSONRequest {
  public static var secretMembers: Set<String> { [] }

  public func message() throws -> WireMessage {
    WireMessage(
      method: "POST", path: "/",
      headers: [
        HTTPHeader("Content-Type", "application/x-amz-json-\(Self.service.wire.version)"),
        HTTPHeader("X-Amz-Target", "\(Self.service.wire.target).\(Self.action)"),
      ],
      body: try JSONValue.object(input).canonicalBytes())
  }

  public var commandOptions: [CommandOption] {
    input.members.map { name, value in
      Self.secretMembers.contains(name)
        ? CommandOption(name, .secret) : CommandOption(name, json: value)
    }
  }

  public static func read(_ answer: HTTPAnswer) throws -> Answer {
    try self.answer(from: try JSONAnswer.read(answer.body))
  }
}

enum JSONAnswer {
  /// A call that gives nothing may answer with nothing.
  static func read(_ body: [UInt8]) throws(JSONParseError) -> JSONValue {
    body.isEmpty ? .object(JSONObject()) : try JSONValue(parsing: body)
  }
}

extension CommandOption {
  /// What is not plain text goes to the AWS CLI as JSON.
  init(_ name: String, json value: JSONValue) {
    switch value {
    case .string(let text): self.init(name, .text(text))
    case .bool(let flag): self.init(name, .flag(flag))
    case .integer(let number): self.init(name, .text(String(number)))
    case .array(let elements):
      let words = elements.compactMap(\.stringValue)
      self.init(
        name, words.count == elements.count ? .words(words) : .text(Self.compact(value)))
    default: self.init(name, .text(Self.compact(value)))
    }
  }

  private static func compact(_ value: JSONValue) -> String {
    (try? value.canonicalBytes()).map { String(decoding: $0, as: UTF8.self) } ?? value.prettyText()
  }
}
