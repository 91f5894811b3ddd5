public import HTTPClient
public import Platform
import StrictJSON

/// A request to the API server that did not succeed.
public struct KubernetesError: ExplainedError {
  /// What went wrong.
  public enum Cause: Sendable {
    /// No complete answer came.
    case noAnswer(TransportError)
    /// The server said no: HTTP status, `reason` and `message` of its Status, and where it names
    /// them the fields and causes.
    case refused(status: Int, reason: String, message: String, causes: [String])
    /// The answer is not what an API server sends.
    case unreadable(String)
  }

  /// The request: `create restores.velero.io velero/app`.
  public let call: String
  /// The context and the server.
  public let place: String
  /// What went wrong.
  public let cause: Cause
  /// How long the server asks to wait before another try.
  public let retryAfter: Duration?
  /// Whether the server may have done what was asked all the same.
  public let mayHaveTakenEffect: Bool

  /// The HTTP status; nil when no answer came.
  public var status: Int? {
    if case .refused(let status, _, _, _) = cause { status } else { nil }
  }

  /// The machine-readable reason: `AlreadyExists`, `Conflict`, `NotFound`, `Expired`.
  public var statusReason: String? {
    if case .refused(_, let reason, _, _) = cause { reason } else { nil }
  }

  /// Whether the object, or the kind of object, is not there.
  public var isMissing: Bool { status == 404 }
  /// Whether the API server itself says that the object is not there. A proxy, and a server that does not
  /// serve the kind, say 404 too.
  public var isMissingObject: Bool { isMissing && statusReason == "NotFound" }
  /// Whether the name is taken. `Conflict` has the same status.
  public var alreadyExists: Bool { status == 409 && statusReason == "AlreadyExists" }
  /// Whether the object has changed since it was read, or a precondition does not hold.
  public var isConflict: Bool { status == 409 && statusReason != "AlreadyExists" }
  /// Whether a list or watch began too long ago.
  public var isExpired: Bool { status == 410 }

  /// Whether the same request may succeed later by itself.
  public var isTransient: Bool {
    switch cause {
    case .noAnswer(let error):
      ![.tlsRefused, .notARequest, .answerTooLarge].contains(error.kind)
    case .refused(let status, _, _, _): status == 429 || status >= 500 || isConflict
    case .unreadable: false
    }
  }

  public var summary: String {
    switch cause {
    case .refused(401, _, _, _): "the Kubernetes API does not accept the credentials"
    case .refused(403, _, _, _): "the Kubernetes API does not permit it"
    case .refused: "the Kubernetes API refuses"
    case .noAnswer, .unreadable: "the Kubernetes API does not answer"
    }
  }

  public var subject: String? { "\(call) (\(place))" }

  public var reason: String {
    switch cause {
    case .noAnswer(let error): error.detail
    case .refused(let status, let reason, let message, let causes):
      ([message.isEmpty ? "HTTP \(status) \(reason)" : message] + causes)
        .joined(separator: "; ")
    case .unreadable(let text): text
    }
  }

  public var remedy: String {
    switch cause {
    case .noAnswer(let error) where error.kind == .tlsRefused:
      "Check the kubeconfig's certificate-authority, client certificate and tls-server-name."
    case .noAnswer: "Check the network between this machine and the API server."
    case .refused(401, _, _, _):
      "Log in again: the token has expired or is not of this cluster. To a cluster of EKS, the AWS "
        + "identity must be given access."
    case .refused(403, _, _, _):
      "Grant it in RBAC: 'mosaic-dr permissions' prints the rules that the plan needs."
    case .refused(404, _, _, _): "Check the name, and that what serves this kind is installed."
    case .refused(429, _, _, _): "Wait; the API server is busy."
    case .refused: "Read the server's words above."
    case .unreadable: "Check that the kubeconfig's server is an API server."
    }
  }
}

extension KubernetesError {
  /// Reads a refusal. A proxy in between may answer with something else than a Status.
  static func cause(of answer: HTTPAnswer) -> Cause {
    guard let status = try? JSONValue(parsing: answer.body), status["kind"] == "Status" else {
      let words = String(decoding: answer.body.prefix(200), as: UTF8.self).trimmingWhitespace()
      return .refused(status: answer.status, reason: "", message: words, causes: [])
    }
    return cause(of: status, status: answer.status)
  }

  static func cause(of object: JSONValue, status: Int) -> Cause {
    let causes = (object.at("details", "causes")?.arrayValue ?? []).compactMap { cause in
      let words = [cause["field"]?.nonEmptyText, cause["message"]?.nonEmptyText]
        .compactMap { $0 }.joined(separator: ": ")
      return words.isEmpty ? nil : words
    }
    let message = object["message"]?.stringValue ?? ""
    return .refused(
      status: object["code"]?.integerValue.map { Int($0) } ?? status,
      reason: object["reason"]?.stringValue ?? "", message: message,
      // The message of a validation error holds its causes already.
      causes: causes.filter { !message.contains($0) && message.isEmpty })
  }

  static func retryAfter(_ answer: HTTPAnswer) -> Duration? {
    if let seconds = answer.headers.value(of: "Retry-After").flatMap({ Int64($0) }), seconds >= 0 {
      return .seconds(seconds)
    }
    return nil
  }
}
