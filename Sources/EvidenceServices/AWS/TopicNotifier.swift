public import AWSClient
public import Evidence
import Platform
import StrictJSON

/// Publishes notices to an SNS topic.
public struct TopicNotifier: Notifier {
  private let topic: String
  private let region: String
  private let client: AWSClient

  public var name: String { topic }

  /// Creates a notifier; the topic's ARN says its region.
  public init(topic: String, client: AWSClient) throws {
    let parts = topic.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 6, parts[0] == "arn", parts[2] == "sns" else {
      throw Problem(
        "the SNS topic cannot be used", on: topic, because: "it is not the ARN of a topic",
        fix: "Give the ARN: arn:aws:sns:REGION:ACCOUNT:NAME.")
    }
    self.topic = topic
    region = String(parts[3])
    self.client = client
  }

  public func notify(_ notice: RunNotice) async throws {
    let request = PublishMessage(
      topic: topic, subject: notice.subject,
      message: String(decoding: try notice.event.canonicalBytes(), as: UTF8.self))
    _ = try await client.send(request, region: region, log: nil)
  }
}

/// `sns:Publish`.
struct PublishMessage: QueryRequest {
  static let service = AWSService(
    "SNS", endpointPrefix: "sns", wire: .query(version: "2010-03-31"))
  static let action = "Publish"
  static let effect = RequestEffect.creates

  let topic: String
  let subject: String
  let message: String

  var resources: [AWSResource] { [.arn(topic)] }

  var parameters: QueryParameters {
    var parameters = QueryParameters()
    parameters.set("TopicArn", topic)
    parameters.set("Subject", subject)
    parameters.set("Message", message)
    return parameters
  }

  static func answer(from result: XMLElement) throws -> String? { result.string("MessageId") }
}
