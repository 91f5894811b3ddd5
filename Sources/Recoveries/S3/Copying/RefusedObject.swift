import AWSClient
import Platform

/// An object that S3 refuses to read or to copy, whatever becomes of the others.
struct RefusedObject: Codable, Sendable, Equatable {
  let key: String
  /// S3's code; nil when it is this program that found it wrong.
  let code: String?
  let reason: String
  let remedy: String

  /// Nil when the error is about more than one object, or passes by itself.
  init?(_ key: String, _ error: any Error) {
    switch error {
    case let error as AWSError where error.isAboutOneObject:
      code = error.code
      reason = error.reason
      remedy = error.remedy
    case let error as UncopiedObject:
      code = nil
      reason = error.reason
      remedy = error.remedy
    default: return nil
    }
    self.key = key
  }
}

/// A copy that is not what was copied, or that does not come about.
struct UncopiedObject: Error, Equatable {
  let reason: String
  let remedy: String
}

extension AWSError {
  /// Refusals that hold for every object of a bucket, or for every call.
  private static let general: Set<String> = [
    "NoSuchBucket", "AllAccessDisabled", "AccountProblem", "InvalidAccessKeyId", "InvalidToken",
    "SignatureDoesNotMatch", "RequestTimeTooSkewed", "PermanentRedirect", "MovedPermanently",
    "AuthorizationHeaderMalformed", "NotSignedUp",
  ]

  /// Whether S3's no may be about this object alone: it is archived, closed by a policy or by a key of KMS,
  /// or encrypted with a key that its writer keeps (SSE-C).
  var isAboutOneObject: Bool {
    guard case .refused(let status, let code, _) = cause, !isTransient, !isExpiredToken else {
      return false
    }
    return (status == 200 || status / 100 == 4) && !Self.general.contains(code)
  }
}

/// The objects that were refused: how many, and the first of them.
struct RefusedObjects: Codable, Sendable, Equatable {
  /// How many are named.
  static let maximumNamed = 100
  /// So many in a row are not about single objects any more.
  static let maximumInARow = 1_000

  private(set) var count = 0
  private(set) var inARow = 0
  private(set) var codes: [String: Int] = [:]
  private(set) var first: [RefusedObject] = []

  mutating func add(_ refused: RefusedObject) {
    count += 1
    inARow += 1
    codes[refused.code ?? "not copied", default: 0] += 1
    if first.count < Self.maximumNamed { first.append(refused) }
  }

  mutating func endRow() { inARow = 0 }

  /// What a step ends with that could not do its work for these.
  ///
  /// - Parameter next: what to do once they are mended.
  func problem(_ what: String, on subject: String, next: String) -> Problem {
    let counts = codes.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(5)
      .map { "\($0.value.grouped) \($0.key)" }.joined(separator: ", ")
    let named = first.prefix(5).map { "'\($0.key)': \($0.reason)" }.joined(separator: "; ")
    let more = count > 5 ? "; and \((count - 5).grouped) more" : ""
    let remedies = first.reduce(into: [String]()) { found, refused in
      if found.count < 3, !found.contains(refused.remedy) { found.append(refused.remedy) }
    }
    return Problem(
      "\(count.grouped) objects \(what)", on: subject, because: "\(counts): \(named)\(more)",
      fix: (remedies + [next]).joined(separator: " "))
  }
}
