import Platform

/// Reads the rows of an inventory file as its bytes come: fields in quotes, rows on lines.
struct InventoryRows {
  /// The longest row accepted, in bytes.
  static let maximumRow = 64 << 10

  private let columns: [String]
  private var row: [UInt8] = []
  private var isQuoted = false

  init(columns: [String]) { self.columns = columns }

  /// Takes the next part of the file and hands on each whole row.
  ///
  /// - Throws: `Problem` when a row is none; whatever `body` throws.
  mutating func read(
    _ part: UnsafeRawBufferPointer, into body: (ObjectRecord) throws -> Void
  ) throws {
    for byte in part {
      if byte == 0x22 { isQuoted.toggle() }
      if byte == 0x0A, !isQuoted {
        if !row.isEmpty, let record = try record() { try body(record) }
        row.removeAll(keepingCapacity: true)
      } else {
        guard row.count < Self.maximumRow else { throw damaged("a row is too long") }
        row.append(byte)
      }
    }
  }

  /// - Throws: `Problem` when the file ended in the middle of a row.
  mutating func finish(into body: (ObjectRecord) throws -> Void) throws {
    guard !isQuoted else { throw damaged("it ends in the middle of a row") }
    if !row.isEmpty, let record = try record() { try body(record) }
    row = []
  }

  /// Nil for what no reader of the bucket sees: older versions and delete markers.
  private func record() throws -> ObjectRecord? {
    let fields = Self.fields(row)
    guard fields.count == columns.count else {
      throw damaged("a row has \(fields.count) fields, and there are \(columns.count) columns")
    }
    let told = { (name: String) in
      columns.firstIndex(of: name).map { String(decoding: fields[$0], as: UTF8.self) }
    }
    let field = { (name: String) in told(name) ?? "" }
    guard let place = columns.firstIndex(of: "Key"), let key = KeyEncoding.decode(fields[place])
    else { throw damaged("a key has an escape that is none") }
    if field("IsLatest") == "false" || field("IsDeleteMarker") == "true" { return nil }
    guard let size = Int64(field("Size")) else { throw damaged("a size is no number") }
    return ObjectRecord(
      key: key, etag: field("ETag"), size: size, modified: Timestamp(field("LastModifiedDate")),
      storageClass: field("StorageClass"),
      told: ReportedState(
        replication: told("ReplicationStatus"), encryption: told("EncryptionStatus")))
  }

  /// A quote within quotes is written twice.
  static func fields(_ row: [UInt8]) -> [[UInt8]] {
    var fields: [[UInt8]] = [[]]
    var isQuoted = false
    var wasQuote = false
    for byte in row where byte != 0x0D {
      switch byte {
      case 0x22:
        if wasQuote { fields[fields.count - 1].append(byte) }
        wasQuote = isQuoted && !wasQuote
        isQuoted.toggle()
        continue
      case 0x2C where !isQuoted: fields.append([])
      default: fields[fields.count - 1].append(byte)
      }
      wasQuote = false
    }
    return fields
  }

  private func damaged(_ reason: String) -> Problem {
    Problem(
      "cannot read an inventory file", because: reason, fix: "Wait for the next report.")
  }
}
