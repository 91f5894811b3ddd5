import Measurement
public import Platform
public import StrictJSON

/// Someone who is told of a run as it goes.
public protocol Notifier: Sendable {
  /// What it is, for messages about it.
  var name: String { get }
  /// Sends a notice.
  func notify(_ notice: RunNotice) async throws
}

/// What others are told of a run, as a CloudEvent 1.0. Its identifier is the run and the occasion, so
/// that a notice that is sent twice can be recognised.
public struct RunNotice: Sendable {
  /// What happened.
  public enum Occasion: String, Sendable {
    case started
    case approvalNeeded = "approval-needed"
    case objectiveAtRisk = "objective-at-risk"
    case ended
  }

  /// A line for people: at most a hundred characters of ASCII, as SNS asks of a subject.
  public let subject: String
  /// The event in JSON, in structured mode.
  public let event: JSONValue

  /// Creates a notice.
  ///
  /// - Parameter detail: further members of the event's data.
  public init(
    _ occasion: Occasion, run: String, plan: String, mode: String, host: String, at: Timestamp,
    detail: JSONObject = [:]
  ) {
    let line = "mosaic-dr: \(mode) of \(plan): \(occasion.rawValue)"
    subject = String(
      line.unicodeScalars.filter { $0.isASCII && $0.value >= 0x20 }.map(Character.init).prefix(100))
    var data = detail
    data["run"] = .string(run)
    data["plan"] = .string(plan)
    data["mode"] = .string(mode)
    event = [
      "specversion": "1.0", "id": .string("\(run)/\(occasion.rawValue)"),
      "source": .string("/mosaic-dr/\(host)"),
      "type": .string("life.mosaic.dr.run.\(occasion.rawValue)"), "subject": .string(plan),
      "time": .string(at.description), "datacontenttype": "application/json",
      "traceparent": .string(
        "00-\(TraceIdentifiers.trace(run))-\(TraceIdentifiers.span(run, ""))-01"),
      "data": .object(data),
    ]
  }
}
