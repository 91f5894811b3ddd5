public import AWSClient
import Cryptography
public import Evidence
import HTTPClient
public import Platform
import StrictJSON

/// A bucket with Object Lock that keeps checkpoints, so that nobody can delete or change them before
/// their time, best in another account.
public struct ObjectLockAnchor: Anchor {
  /// How long, and how firmly, what is stored is kept.
  public struct Retention: Sendable, Equatable {
    /// `COMPLIANCE`, which nobody can shorten, or `GOVERNANCE`, to try it out.
    public let mode: String
    /// From the moment of storing.
    public let period: Duration
  }

  public let name: String
  public let receiptSuffix = "json"
  private let bucket: String
  private let prefix: String
  private let region: String
  private let retention: Retention
  private let client: AWSClient
  private let time: any TimeSource

  /// Creates the anchor.
  public init(
    name: String, bucket: String, prefix: String, region: String, retention: Retention,
    client: AWSClient, time: any TimeSource
  ) {
    self.name = name
    self.bucket = bucket
    self.prefix = prefix
    self.region = region
    self.retention = retention
    self.client = client
    self.time = time
  }

  public func store(_ note: SignedNote, size: Int) async throws -> [UInt8] {
    let origin = Checkpoint(text: note.text)?.origin ?? ""
    let key = "\(prefix)\(origin)/checkpoints/\(AnchorBook.name(of: size))"
    let until = time.now().wall + retention.period
    let request = PutLockedObject(
      bucket: bucket, key: key, body: Array(note.note.utf8), mode: retention.mode, until: until)
    var receipt: JSONObject = [
      "bucket": .string(bucket), "key": .string(key), "mode": .string(retention.mode),
      "retain_until": .string(until.formatted(fractionDigits: 0)),
    ]
    do {
      let version = try await client.send(request, region: region, log: nil)
      receipt["version"] = version.map { .string($0) }
    } catch let error as AWSError where error.code == "PreconditionFailed" {
      // An earlier attempt stored it, and its answer was lost; or it is that of another ledger.
      let held = try await client.send(
        GetSmallObject(bucket: bucket, key: key), region: region, log: nil)
      guard held.content == request.body else { throw isTaken(key) }
      receipt["existed"] = true
    }
    return try JSONValue.object(receipt).canonicalBytes()
  }

  private func isTaken(_ key: String) -> Problem {
    Problem(
      "another checkpoint is anchored under this name", on: "s3://\(bucket)/\(key)",
      because: "this ledger, or another one of its name, was anchored there with other entries",
      fix: "Compare both with 'mosaic-dr ledger verify --checkpoint KEPT'; a ledger that was begun "
        + "anew needs a name of its own ($MOSAIC_DR_LEDGER_ORIGIN).")
  }
}

/// `s3:PutObject` of something new, under Object Lock. The condition makes a repetition harmless.
struct PutLockedObject: RESTXMLRequest {
  static let service = AWSService.s3
  static let action = "PutObject"
  static let effect = RequestEffect.creates

  let bucket: String
  let key: String
  let body: [UInt8]
  let mode: String
  let until: Timestamp

  /// `If-None-Match` lets the same request through once.
  var idempotencyToken: String? { key }
  var resources: [AWSResource] { [.global("s3", "\(bucket)/\(key)")] }

  var input: RESTInput {
    var input = RESTInput("PUT", "/{Key}")
    input.setBucket(bucket)
    input.setPath("Key", key, keepingSlashes: true)
    input.setHeader("IfNoneMatch", "*", wire: "If-None-Match")
    input.setHeader("ObjectLockMode", mode, wire: "x-amz-object-lock-mode")
    input.setHeader(
      "ObjectLockRetainUntilDate", until.formatted(fractionDigits: 0),
      wire: "x-amz-object-lock-retain-until-date")
    input.setHeader("ChecksumAlgorithm", "SHA256", wire: "x-amz-sdk-checksum-algorithm")
    input.setHeader(
      "ChecksumSHA256", Base64.encode(SHA256.digest(of: body).bytes), wire: "x-amz-checksum-sha256")
    input.setPayload(body, type: "text/plain; charset=utf-8", option: nil)
    return input
  }

  static func answer(from answer: RESTAnswer) throws -> String? {
    answer.headers.value(of: "x-amz-version-id")
  }
}
