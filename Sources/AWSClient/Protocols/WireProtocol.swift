/// How a service's calls are written.
public enum WireProtocol: Sendable, Equatable {
  /// A form is posted, XML comes back.
  case query(version: String)
  /// EC2's variant of it.
  case ec2(version: String)
  /// JSON both ways, the action in `X-Amz-Target`.
  case json(version: String, target: String)
  /// Paths and JSON.
  case restJSON
  /// Paths and XML.
  case restXML

  /// The version of the API, or of the JSON protocol.
  var version: String {
    switch self {
    case .query(let version), .ec2(let version), .json(let version, _): version
    case .restJSON, .restXML: ""
    }
  }

  var target: String { if case .json(_, let target) = self { target } else { "" } }
}
