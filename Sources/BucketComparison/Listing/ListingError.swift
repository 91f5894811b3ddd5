public import Platform

/// A page of a listing that did not come.
public struct ListingError: ExplainedError {
  /// The bucket.
  public let bucket: String
  /// The region it was looked for in.
  public let region: String
  /// The HTTP status.
  public let status: Int
  /// S3's code: `SlowDown`. Empty when it gave none.
  public let code: String
  /// S3's words.
  public let message: String
  /// How often the page was asked for.
  public let attempts: Int

  /// Whether the bucket is busy, and asks for fewer requests.
  public var isSlowDown: Bool {
    status == 503 || status == 429
      || ["SlowDown", "Throttling", "RequestLimitExceeded"].contains(code)
  }

  /// Whether the same request may succeed later without anybody mending anything.
  public var isTransient: Bool {
    isSlowDown || status >= 500 || code == "RequestTimeout" || code == "RequestTimeTooSkewed"
  }

  public var summary: String { "cannot list the bucket" }
  public var subject: String? { "\(bucket) in \(region)" }
  public var reason: String {
    let tries = attempts > 1 ? " (tried \(attempts) times)" : ""
    return "\(code.isEmpty ? "HTTP \(status)" : code): \(message)\(tries)"
  }
  public var remedy: String {
    switch code {
    case "AccessDenied": "Allow s3:ListBucket on \(bucket) to this identity."
    case "NoSuchBucket": "Check the bucket's name and region; it may have been deleted meanwhile."
    case "PermanentRedirect", "AuthorizationHeaderMalformed":
      "The bucket is in another region than the plan says: correct the plan."
    case "RequestTimeTooSkewed": "Set this machine's clock."
    default: "Read S3's message; when the cause is mended, resume the run."
    }
  }

  /// Reads S3's error document; a body that is none gives a code by its status.
  init(bucket: String, region: String, status: Int, body: [UInt8], attempts: Int) {
    self.bucket = bucket
    self.region = region
    self.status = status
    self.attempts = attempts
    let text = String(decoding: body.prefix(8_192), as: UTF8.self)
    let element = { (name: String) -> String? in
      guard let start = text.firstRange(of: "<\(name)>")?.upperBound,
        let end = text[start...].firstRange(of: "</\(name)>")?.lowerBound
      else { return nil }
      return String(text[start..<end])
    }
    code = element("Code") ?? (status == 301 ? "PermanentRedirect" : "")
    message = element("Message") ?? "no explanation was given"
  }
}
