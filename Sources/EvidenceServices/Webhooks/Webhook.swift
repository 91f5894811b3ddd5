import Cryptography
public import Evidence
public import HTTPClient
public import Platform
import StrictJSON

/// An address that is told by POST. What is sent carries `X-Mosaic-Signature: sha256=HEX`, an HMAC
/// over the body, since CloudEvents has no signature of its own.
public struct Webhook: Sendable {
  private static let timeout: Duration = .seconds(15)
  private static let attempts = 4
  private static let longestPause: Duration = .seconds(30)
  private static let retried: Set<Int> = [429, 502, 503, 504]

  private let url: String
  private let bearer: Secret<String>?
  private let key: Secret<String>?
  private let http: HTTPClient
  private let time: any TimeSource

  /// What it is called: chat services put a secret into the path.
  var place: String { HTTPRequest.origin(of: url) }

  /// Creates a webhook.
  ///
  /// - Parameters:
  ///   - bearer: the token of the `Authorization` header; nil for none.
  ///   - key: the key of the HMAC; nil for none.
  public init(
    url: String, bearer: Secret<String>?, key: Secret<String>?, http: HTTPClient,
    time: any TimeSource
  ) {
    self.url = url
    self.bearer = bearer
    self.key = key
    self.http = http
    self.time = time
  }

  /// Sends a body; an answer that says to come back later is heeded, a few times.
  ///
  /// - Returns: the answer, whose status is in the two hundreds.
  func post(_ body: [UInt8], type: String) async throws -> HTTPAnswer {
    var headers = [HTTPHeader("Content-Type", type)]
    if let bearer { headers.append(HTTPHeader("Authorization", "Bearer \(bearer.reveal())")) }
    if let key {
      let code = HMACSHA256.authenticate(body, key: Array(key.reveal().utf8))
      headers.append(HTTPHeader("X-Mosaic-Signature", "sha256=\(Hex.encode(code))"))
    }
    var pause: Duration = .seconds(1)
    for attempt in 1... {
      let result: Result<HTTPAnswer, any Error>
      do {
        result = .success(
          try await http.send(
            HTTPRequest(
              method: "POST", url: url, headers: headers, body: body, timeout: Self.timeout,
              maximumAnswerSize: 4 << 20)))
      } catch let error as CancellationError {
        throw error
      } catch {
        result = .failure(error)
      }
      if case .success(let answer) = result, (200..<300).contains(answer.status) { return answer }
      let status = (try? result.get())?.status
      let isFinal = status.map { !Self.retried.contains($0) } ?? false
      if isFinal || attempt >= Self.attempts { throw failure(result) }
      let asked = (try? result.get())?.headers.value(of: "Retry-After").flatMap { Int($0) }
      try await time.sleep(for: min(asked.map { .seconds($0) } ?? pause, Self.longestPause))
      pause = pause * 2
    }
    throw CancellationError()
  }

  private func failure(_ result: Result<HTTPAnswer, any Error>) -> Problem {
    let reason: String
    switch result {
    case .success(let answer): reason = "HTTP status \(answer.status)"
    case .failure(let error): reason = (error as? any ExplainedError)?.reason ?? "no answer came"
    }
    return Problem(
      "a webhook was not reached", on: place, because: reason,
      fix: "Check the address and its token in the evidence settings.")
  }
}

/// Tells a webhook of a run: CloudEvents 1.0 in structured mode.
public struct WebhookNotifier: Notifier {
  private let webhook: Webhook

  public var name: String { webhook.place }

  /// Creates a notifier.
  public init(_ webhook: Webhook) { self.webhook = webhook }

  public func notify(_ notice: RunNotice) async throws {
    _ = try await webhook.post(
      try notice.event.canonicalBytes(), type: "application/cloudevents+json; charset=utf-8")
  }
}

/// Keeps a copy of each checkpoint wherever a webhook puts it.
public struct WebhookAnchor: Anchor {
  public let name: String
  public let receiptSuffix = "json"
  private let webhook: Webhook

  /// Creates the anchor.
  public init(name: String, _ webhook: Webhook) {
    self.name = name
    self.webhook = webhook
  }

  public func store(_ note: SignedNote, size: Int) async throws -> [UInt8] {
    let answer = try await webhook.post(
      Array(note.note.utf8), type: "text/plain; charset=utf-8")
    return try JSONValue.object([
      "url": .string(webhook.place), "status": .integer(Int64(answer.status)),
    ]).canonicalBytes()
  }
}

/// Sends a run to an OpenTelemetry collector: OTLP/HTTP in JSON.
public struct TraceExporter: Sendable {
  private let webhook: Webhook

  /// Creates an exporter to an address such as `http://127.0.0.1:4318/v1/traces`.
  public init(_ webhook: Webhook) { self.webhook = webhook }

  /// Sends the spans; sent again they are the same ones.
  ///
  /// - Returns: how many spans the collector refused.
  public func export(_ report: RunReport) async throws -> Int64 {
    var rejected: Int64 = 0
    for request in TraceDocument.requests(report) {
      let answer = try await webhook.post(
        try request.canonicalBytes(), type: "application/json")
      let partial = (try? JSONValue(parsing: answer.body))?["partialSuccess"]?["rejectedSpans"]
      rejected += partial?.integerValue ?? partial?.stringValue.flatMap { Int64($0) } ?? 0
    }
    return rejected
  }
}
