import Compression
public import Cryptography
import Measurement
public import Platform
import RunJournal
public import StrictJSON

/// What was checked, and that it held.
public struct VerifiedReport: Sendable {
  /// One line a check, in order.
  public let checks: [String]
  /// The report.
  public let report: JSONValue
}

/// A report that cannot be trusted.
public struct VerificationFailure: ExplainedError, Equatable {
  /// The file.
  public let file: String
  /// What does not hold.
  public let reason: String

  public var summary: String { "the report does not verify" }
  public var subject: String? { file }
  public var remedy: String {
    "Do not rely on it; get the file again from whoever holds the original."
  }
}

/// Checks a report against its signature, its digests and its own events.
public enum ReportVerifier {
  /// Verifies `…report.json.zst` with the `…intoto.json` beside it.
  ///
  /// - Parameter trusted: the keys that may have signed; without any, the key beside the report is
  ///   used, and the checks say that it is not pinned.
  /// - Throws: ``VerificationFailure`` with the first thing that does not hold.
  public static func verify(
    _ path: String, trusted: [Ed25519.VerifyingKey]
  ) throws(VerificationFailure) -> VerifiedReport {
    let fail = { (reason: String) in VerificationFailure(file: path, reason: reason) }
    guard path.hasSuffix(".report.json.zst") else {
      throw fail("it is not named ….report.json.zst")
    }
    let stem = String(path.dropLast(".report.json.zst".count))
    guard let frame = read(path) else { throw fail("it cannot be read") }
    guard let text = read("\(stem).intoto.json"), let json = try? JSONValue(parsing: text),
      let envelope = Envelope(json: json), envelope.payloadType == Envelope.inToto
    else { throw fail("\(stem).intoto.json is missing or malformed") }
    var checks: [String] = []
    let keys = trusted.isEmpty ? keyBeside(stem) : trusted
    guard let signer = envelope.signer(among: keys) else {
      throw fail("no trusted key has signed it")
    }
    checks.append(
      trusted.isEmpty
        ? "signed by a key that is NOT PINNED, only found beside the report: \(signer.identifier)"
        : "signed by the trusted key \(signer.identifier)")
    guard let statement = try? JSONValue(parsing: envelope.payload),
      statement["_type"] == "https://in-toto.io/Statement/v1",
      statement["predicateType"]?.stringValue == RunReport.predicateType
    else { throw fail("what is signed is not a statement about a report") }
    let digests = (statement["subject"]?.arrayValue ?? []).compactMap {
      $0["digest"]?["sha256"]?.stringValue
    }
    guard digests.count == 2, digests[1] == SHA256.digest(of: frame).hex else {
      throw fail("its bytes are not those that were signed")
    }
    checks.append("the compressed bytes are those that were signed")
    guard let content = try? ZstdFrame.decompress(frame) else {
      throw fail("it is no single frame")
    }
    guard digests[0] == SHA256.digest(of: content).hex,
      let report = try? JSONValue(parsing: content)
    else { throw fail("its content is not what was signed") }
    checks.append("the content is what was signed")
    checks += try consistency(of: report, statement, fail)
    return VerifiedReport(checks: checks, report: report)
  }

  private static func consistency(
    of report: JSONValue, _ statement: JSONValue, _ fail: (String) -> VerificationFailure
  ) throws(VerificationFailure) -> [String] {
    let rows = report["events"]?.arrayValue ?? []
    let events = rows.compactMap(JournalEvent.init(json:))
    guard events.count == rows.count, let rebuilt = RunReport(events) else {
      throw fail("its events cannot be read")
    }
    do throws(BrokenChain) { _ = try EventChain.verify(events) } catch {
      throw fail("\(error)")
    }
    guard let figures = try? JSONValue(encoding: rebuilt.figures), figures == report["figures"]
    else {
      throw fail("its figures do not follow from its events")
    }
    guard statement["predicate"]?["verdict"]?.stringValue == rebuilt.figures.verdict.rawValue,
      statement["predicate"]?["run"]?.stringValue == rebuilt.run
    else { throw fail("the statement speaks of another run or verdict") }
    return [
      "the chain of \(events.count) events is whole", "the figures follow from the events",
      "the statement names this run and its verdict",
    ]
  }

  private static func keyBeside(_ stem: String) -> [Ed25519.VerifyingKey] {
    guard let bytes = read("\(stem).pem") else { return [] }
    return Ed25519.VerifyingKey(pem: String(decoding: bytes, as: UTF8.self)).map { [$0] } ?? []
  }

  private static func read(_ path: String) -> [UInt8]? {
    try? DurableFile.read(path, limit: 128 << 20)
  }
}
