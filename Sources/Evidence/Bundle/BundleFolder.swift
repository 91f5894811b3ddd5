import Cryptography
import Measurement
import Platform
import RunJournal
import StrictJSON

/// The folder of one report and the files in it. Its name sorts by time and says neither verdict nor
/// anything else that renaming could forge.
public struct BundleFolder: Sendable, Equatable {
  /// The path.
  public let path: String

  /// A folder that is there, or the folder of a file in it.
  public init(_ path: String) {
    let isFile = File.allCases.contains { path.hasSuffix("/\($0.rawValue)") || path == $0.rawValue }
    let trimmed = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    self.path = isFile ? DurableFile.folder(of: path) : trimmed
  }

  /// The folder of a report below the folder of its plan.
  public init(of report: RunReport, in reports: String) {
    let digits = report.account.began.formatted(fractionDigits: 0).filter { $0 != "-" && $0 != ":" }
    let ending = report.ending > 1 ? "-\(report.ending)" : ""
    path = "\(reports)/\(digits)-\(report.creation.mode.rawValue)-\(report.run)\(ending)"
  }

  /// The files.
  public enum File: String, Sendable, CaseIterable {
    /// The record in canonical JSON, compressed.
    case report = "report.json.zst"
    /// The record as it is after decompression; not written, but verified when it is there.
    case plainReport = "report.json"
    /// The DSSE envelope around the in-toto statement.
    case envelope = "report.intoto.json"
    /// minisign's signature of the compressed record.
    case minisig = "report.json.zst.minisig"
    /// The page for people.
    case html = "report.html"
    /// The NIST OSCAL assessment results.
    case oscal = "oscal.json"
    /// The proof that the ledger names this report.
    case proof = "ledger.tlog-proof"
    /// The public key, in PEM; get it from elsewhere, or it proves nothing.
    case pem = "key.pem"
    /// The public key, as minisign reads it.
    case minisignKey = "key.pub"
  }

  /// The path of a file.
  public func path(of file: File) -> String { "\(path)/\(file.rawValue)" }

  /// SHA-256 of the statement in the envelope; nil when there is none.
  public var statementDigest: String? {
    read(.envelope, limit: Envelope.maximumSize).flatMap { try? JSONValue(parsing: $0) }
      .flatMap(Envelope.init(json:)).map { SHA256.digest(of: $0.payload).hex }
  }

  func has(_ file: File) -> Bool { DurableFile.exists(path(of: file)) }

  func read(_ file: File, limit: Int) -> [UInt8]? {
    try? DurableFile.read(path(of: file), limit: limit)
  }
}
