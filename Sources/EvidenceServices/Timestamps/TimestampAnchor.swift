public import Evidence
public import HTTPClient
public import Platform

/// A time-stamping authority (RFC 3161): it proves that a checkpoint existed no later than it says.
public struct TimestampAnchor: Anchor {
  private static let timeout: Duration = .seconds(20)

  public let name: String
  public let receiptSuffix = "tsr"
  private let url: String
  private let http: HTTPClient
  private let random: any RandomSource

  /// Creates the anchor.
  public init(name: String, url: String, http: HTTPClient, random: any RandomSource) {
    self.name = name
    self.url = url
    self.http = http
    self.random = random
  }

  public func store(_ note: SignedNote, size: Int) async throws -> [UInt8] {
    let bytes = Array(note.note.utf8)
    let place = HTTPRequest.origin(of: url)
    let nonce = random.next() | 1 << 63
    let answer = try await http.send(
      HTTPRequest(
        method: "POST", url: url,
        headers: [HTTPHeader("Content-Type", "application/timestamp-query")],
        body: TimestampExchange.request(for: bytes, nonce: nonce), timeout: Self.timeout,
        maximumAnswerSize: TimestampExchange.maximumAnswer))
    guard answer.status == 200 else {
      throw Problem(
        "the time-stamping authority refuses", on: place, because: "HTTP status \(answer.status)",
        fix: "Check its address; the next checkpoint asks it again.")
    }
    try TimestampExchange.check(answer.body, for: bytes, nonce: nonce, from: place)
    return answer.body
  }
}
