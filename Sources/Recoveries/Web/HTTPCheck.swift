import HTTPClient
import Platform
import RecoveryPlan
import RunEngine
import StrictJSON

/// `http`: a URL must answer, with a status and, if need be, with certain words.
struct HTTPCheck: ClusterCheck {
  /// The bound on one exchange.
  static let exchangeTimeout: Duration = .seconds(15)
  /// The largest file of certificates that is read.
  static let certificateLimit = 4 << 20
  /// The largest answer that is read.
  static let answerLimit = 4 << 20

  let url: String
  let expectation: Expectation
  let words: String?
  let certificate: String?
  let longestWait: Duration

  init(from fields: FieldReader) {
    _ = fields.optional("name", .label(), "The check's name, unique in the component.")
    url = fields.required("url", .webAddress, "What is asked for.")
    expectation = fields.optional(
      "expect", .expectation, default: Expectation(samples: "200"), shownAs: 200,
      "The status of the answer: 200, '< 400'.")
    words = fields.optional(
      "contains", .text(upTo: 1_000), "Words that the answer must hold.")
    certificate = fields.optional(
      "rootCertificate", .text(upTo: 1_000), "A PEM file of authorities, in place of the system's.")
    longestWait = fields.optional(
      "timeout", .duration, default: .seconds(600), shownAs: "10m",
      "The bound on the wait; then the check has failed.")
  }

  var summary: String { "\(url) answers \(expectation)" }

  func calls(_ scope: ClusterScope) -> [PlannedCall] { [] }

  func look(_ scope: ClusterScope, _ context: StepContext) async throws -> CheckFinding {
    var request = HTTPRequest(
      method: "GET", url: url, timeout: Self.exchangeTimeout,
      maximumAnswerSize: Self.answerLimit)
    request.transport.authorities = try certificate.map {
      try DurableFile.read($0, limit: Self.certificateLimit)
    }
    do {
      let answer = try await scope.access.directory.http.send(request)
      context.keep("status", .integer(Int64(answer.status)))
      guard expectation.isSatisfied(by: String(answer.status)) else {
        return .waiting("it answers with HTTP \(answer.status)")
      }
      if let words, String(decoding: answer.body, as: UTF8.self).firstRange(of: words) == nil {
        return .waiting("its answer does not hold '\(words)'")
      }
      return .holds("it answers with HTTP \(answer.status)")
    } catch let error as TransportError {
      return .waiting("no answer: \(error.detail)")
    }
  }
}

extension FieldType where Value == String {
  /// An absolute http or https URL without white space and without a password in it.
  static var webAddress: FieldType {
    .matching(
      "an http or https URL without a password in it",
      pattern: "^https?://[^/@\\s]+(/[^\\s]*)?$", example: "https://app.dr.mosaic.internal/healthz"
    ) { text in
      guard let scheme = text.firstRange(of: "://"),
        ["http", "https"].contains(text[..<scheme.lowerBound])
      else { return false }
      let rest = text[scheme.upperBound...]
      let host = rest.prefix { $0 != "/" && $0 != "?" }
      return !host.isEmpty && !host.contains("@") && !text.contains(" ")
    }
  }
}
