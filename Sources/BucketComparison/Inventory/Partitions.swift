import Platform
import StrictJSON

/// Spreads records over files by their keys, so that each file holds a share that fits in memory, and
/// the same keys of two buckets are in files of the same number.
///
/// An inventory is in no order: this stands in for sorting it. What has been spread lasts: after a crash
/// the files are cut back to where ``save(files:)`` left them.
final class Partitions {
  /// How much is held for a file before it is written, in bytes.
  private static let buffer = 8 << 10

  private let folder: String
  private var held: [[UInt8]]
  /// How long each file is; they are too many to be kept open.
  private var sizes: [Int64]
  /// How many files of the report have been spread.
  private(set) var files: Int

  /// How records are written: with what a report says beside.
  private static let format = 2

  private struct Saved: Codable {
    let format: Int
    var files = 0
    let sizes: [Int64]
  }

  /// The longest state that is read back: for the largest count of files.
  private static let maximumState = 1 << 20

  /// Goes on with what is in the folder, or begins.
  ///
  /// - Throws: `FileError`; when what is there is not the work of as many files.
  init(_ count: Int, in folder: String) throws {
    self.folder = folder
    try DurableFile.makeFolder(folder, mode: 0o700)
    held = Array(repeating: [], count: count)
    guard DurableFile.exists(Self.state(folder)) else {
      sizes = Array(repeating: 0, count: count)
      files = 0
      return
    }
    let saved = try JSONValue(
      parsing: DurableFile.read(Self.state(folder), limit: Self.maximumState)
    ).decode(Saved.self)
    guard saved.format == Self.format, saved.sizes.count == count else {
      throw Problem(
        "cannot go on with the inventories", on: folder,
        because: "they were spread over \(saved.sizes.count) files in form \(saved.format), and "
          + "\(count) in form \(Self.format) are wanted",
        fix: "Remove the folder, then retry the step.")
    }
    sizes = saved.sizes
    files = saved.files
  }

  private static func state(_ folder: String) -> String { "\(folder)/state" }

  static func path(_ folder: String, _ number: Int) -> String { "\(folder)/\(number)" }

  /// FNV-1a: spreads keys evenly, and alike in every process.
  static func number(of key: [UInt8], among count: Int) -> Int {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in key { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    return Int(hash % UInt64(count))
  }

  /// Adds a record.
  ///
  /// - Returns: the number of a file that has to be written now; nil when none has.
  func add(_ record: ObjectRecord) -> Int? {
    let number = Self.number(of: record.key, among: held.count)
    let texts = [
      record.key, Array(record.etag.utf8), Array((record.modified?.description ?? "").utf8),
      Array(record.storageClass.utf8),
    ]
    for text in texts {
      held[number] += [UInt8(text.count >> 8 & 255), UInt8(text.count & 255)] + text
    }
    for shift in stride(from: 56, through: 0, by: -8) {
      held[number].append(UInt8(truncatingIfNeeded: record.size >> Int64(shift)))
    }
    held[number].append(record.told.byte)
    return held[number].count >= Self.buffer ? number : nil
  }

  /// Writes what is held for a file.
  func write(_ number: Int) async throws {
    let bytes = held[number]
    held[number] = []
    guard !bytes.isEmpty else { return }
    let file = try AppendedFile(
      Self.path(folder, number), keeping: sizes[number], mode: 0o600)
    try await file.append(bytes, durably: false)
    sizes[number] += Int64(bytes.count)
  }

  /// Makes what has been added last through a crash, as what so many files hold.
  func save(files count: Int) async throws {
    for number in held.indices { try await write(number) }
    try await DurableFile.syncFileSystem(of: folder)
    files = count
    try DurableFile.write(
      JSONValue(encoding: Saved(format: Self.format, files: count, sizes: sizes)).canonicalBytes(),
      to: Self.state(folder), mode: 0o600, existing: .replace)
  }

  /// The records of a file, sorted by key.
  static func read(_ folder: String, _ number: Int) async throws -> ListingPage {
    var page = ListingPage()
    guard DurableFile.exists(path(folder, number)) else { return page }
    let reader = try FileReader(path(folder, number))
    while let part = try await reader.next() { page.bytes += part }
    var offset = 0
    func text() -> ObjectEntry.Place {
      let count = Int(page.bytes[offset]) << 8 | Int(page.bytes[offset + 1])
      defer { offset += 2 + count }
      return ObjectEntry.Place(offset + 2, count)
    }
    while offset < page.bytes.count {
      var entry = ObjectEntry()
      entry.key = text()
      entry.etag = text()
      entry.modified = text()
      entry.storageClass = text()
      for _ in 0..<8 {
        entry.size = entry.size << 8 | Int64(page.bytes[offset])
        offset += 1
      }
      entry.told = ReportedState(byte: page.bytes[offset])
      offset += 1
      page.entries.append(entry)
    }
    page.bytes.withUnsafeBytes { bytes in
      page.entries.sort {
        KeyOrder.compare(
          UnsafeRawBufferPointer(rebasing: bytes[$0.key.range]),
          UnsafeRawBufferPointer(rebasing: bytes[$1.key.range])) < 0
      }
    }
    return page
  }
}

/// A share of a bucket in memory, as a listing of one page.
struct PartitionListing: ListingSource {
  let name: String
  let rows: ListingPage

  func page(
    _ query: ListingQuery, at position: PagePosition,
    foundNext: @escaping @Sendable (PagePosition) -> Void
  ) async throws -> ListingPage {
    rows
  }
}
