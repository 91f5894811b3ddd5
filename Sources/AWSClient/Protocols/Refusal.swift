import HTTPClient
import StrictJSON

/// A service's no, in the form of its protocol.
public struct Refusal: Error, Equatable {
  /// The HTTP status.
  public let status: Int
  /// The service's code: `DBInstanceNotFound`. Empty when it gives none.
  public let code: String
  /// The service's words.
  public let message: String

  init(status: Int, code: String, message: String?) {
    self.status = status
    self.code = code
    self.message = message ?? "HTTP \(status) without an explanation"
  }

  /// Reads an `Error` element.
  init(status: Int, error: XMLElement?) {
    self.init(
      status: status, code: error?.string("Code") ?? "", message: error?.string("Message"))
  }

  /// Reads an answer outside the two hundreds.
  ///
  /// - Throws: when the body was cut short or is of something else, so that it says neither yes nor
  ///   no.
  init(_ answer: HTTPAnswer, wire: WireProtocol) throws {
    let isGateway = answer.status / 100 == 5
    do {
      switch wire {
      case .query, .ec2, .restXML: try self.init(xml: answer, isREST: wire == .restXML)
      case .json, .restJSON: try self.init(json: answer)
      }
    } catch {
      // A gateway's own page says nothing but its status.
      guard isGateway else { throw error }
      self.init(status: answer.status, code: "", message: nil)
    }
  }

  private init(xml answer: HTTPAnswer, isREST: Bool) throws {
    if isREST, answer.body.isEmpty {
      // An answer to HEAD has no body.
      self.init(status: answer.status, code: Self.bodilessCode(answer.status), message: nil)
      return
    }
    let root = try XMLReader.read(answer.body)
    // <Error>, <ErrorResponse><Error>, <Response><Errors><Error>
    let error =
      root.name == "Error"
      ? root : root.child("Error") ?? root.descendant("Errors", "Error")
    self.init(status: answer.status, error: error)
  }

  /// The code stands in the body or in a header field, with a namespace before it or an address
  /// behind it (AWS JSON 1.1 protocol, "Operation error serialization").
  private init(json answer: HTTPAnswer) throws {
    let field = answer.headers.value(of: "x-amzn-errortype")
    let body = try field != nil && answer.body.isEmpty ? [:] : JSONValue(parsing: answer.body)
    let named = field ?? body["__type"]?.stringValue ?? body["code"]?.stringValue ?? ""
    let code = named.prefix { $0 != ":" }.split(separator: "#").last.map(String.init) ?? ""
    let message = ["message", "Message", "errorMessage"].compactMap { body[$0]?.stringValue }.first
    self.init(status: answer.status, code: code, message: message)
  }

  private static func bodilessCode(_ status: Int) -> String {
    switch status {
    case 301: "PermanentRedirect"
    case 304: "NotModified"
    case 400: "BadRequest"
    case 403: "AccessDenied"
    case 404: "NotFound"
    case 405: "MethodNotAllowed"
    case 412: "PreconditionFailed"
    default: ""
    }
  }
}
