import Cryptography
public import Platform
import StrictJSON

/// The manifest of an S3 Inventory report (S3 User Guide, "Locating your inventory list").
public struct InventoryManifest: Sendable, Equatable {
  /// One file of the report.
  public struct File: Sendable, Equatable {
    /// Its key in the bucket of reports.
    public let key: String
    /// Its size in bytes.
    public let size: Int64
    /// Its MD5, as hexadecimal digits.
    public let md5: String
  }

  /// The bucket that was listed.
  public let sourceBucket: String
  /// The columns, in order.
  public let columns: [String]
  /// When the listing began.
  public let createdAt: Timestamp
  /// The files.
  public let files: [File]

  /// Reads a manifest and holds it against its checksum file.
  ///
  /// - Throws: `Problem` when they do not belong together, or the report is not in CSV.
  public init(_ bytes: [UInt8], checksum: [UInt8], name: String) throws(Problem) {
    let refuse = { (reason: String, fix: String) in
      Problem("cannot use an inventory report", on: name, because: reason, fix: fix)
    }
    var digest = MD5()
    digest.update(bytes)
    let expected = String(decoding: checksum, as: UTF8.self).trimmingWhitespace().lowercased()
    guard digest.finalized().hex == expected else {
      throw refuse("the manifest is not the one of its checksum", "Wait for the next report.")
    }
    guard let json = try? JSONValue(parsing: bytes),
      let bucket = json["sourceBucket"]?.stringValue,
      let schema = json["fileSchema"]?.stringValue,
      let created = json["creationTimestamp"]?.stringValue.flatMap({ Int64($0) }),
      let list = json["files"]?.arrayValue
    else { throw refuse("the manifest lacks what every manifest has", "Wait for the next report.") }
    guard json["fileFormat"]?.stringValue == "CSV" else {
      throw refuse(
        "it is \(json["fileFormat"]?.stringValue ?? "of no format"), and only CSV is read",
        "Configure an inventory in CSV.")
    }
    sourceBucket = bucket
    columns = schema.split(separator: ",").map { $0.trimmingWhitespace() }
    createdAt = Timestamp(nanoseconds: created * 1_000_000)
    var files: [File] = []
    for file in list {
      guard let key = file["key"]?.stringValue, let size = file["size"]?.integerValue,
        let md5 = file["MD5checksum"]?.stringValue
      else { throw refuse("a file of it has no name or checksum", "Wait for the next report.") }
      files.append(File(key: key, size: size, md5: md5.lowercased()))
    }
    self.files = files
    for column in ["Key", "Size", "LastModifiedDate", "ETag"] where !columns.contains(column) {
      throw refuse(
        "it has no column \(column)", "Add Size, LastModifiedDate and ETag to the inventory.")
    }
  }
}
