public import Platform

/// A page of a listing: `ListObjectsV2` or `ListObjectVersions`.
public struct ListingPage: Sendable {
  /// What the rows' places point into.
  var bytes: [UInt8] = []
  /// The rows, in the service's order.
  var entries: [ObjectEntry] = []
  /// The prefixes up to a delimiter, when one was asked for.
  var commonPrefixes: [[UInt8]] = []
  /// Where the next page begins; nil on the last one.
  var next: PagePosition?
  /// The rows that are the same as rows of the other bucket's page, in their order.
  var twins: [TwinRun] = []
  /// Of which page of the other bucket's listing.
  var twin = 0

  /// Creates an empty page.
  init() {}

  /// Its bytes, which it then has no more.
  mutating func takeBytes() -> [UInt8] {
    defer { bytes = [] }
    return bytes
  }

  /// Drops what it holds, but keeps the memory.
  mutating func empty() {
    bytes.removeAll(keepingCapacity: true)
    entries.removeAll(keepingCapacity: true)
    commonPrefixes = []
    next = nil
    twins = []
  }

  func text(_ place: ObjectEntry.Place) -> String {
    String(decoding: bytes[place.range], as: UTF8.self)
  }

  func key(at index: Int) -> [UInt8] { Array(bytes[entries[index].key.range]) }

  func key(at index: Int, isBehind bound: [UInt8]) -> Bool {
    bytes.withUnsafeBytes { bytes in
      bound.withUnsafeBytes { bound in
        KeyOrder.compare(
          bound, UnsafeRawBufferPointer(rebasing: bytes[entries[index].key.range])) < 0
      }
    }
  }

  var firstKey: [UInt8]? { entries.isEmpty ? nil : key(at: 0) }

  var lastKey: [UInt8]? { entries.isEmpty ? nil : key(at: entries.count - 1) }

  /// The keys of the rows.
  public var names: [String] { entries.map { text($0.key) } }

  /// Where the next page begins; nil on the last one.
  public var nextPosition: PagePosition? { next }

  /// The first row; nil when there is none.
  public var firstRecord: ObjectRecord? { entries.isEmpty ? nil : record(at: 0) }

  /// A row with its texts, free of the page.
  func record(at index: Int) -> ObjectRecord {
    let entry = entries[index]
    return ObjectRecord(
      key: key(at: index), etag: text(entry.etag), size: entry.size,
      modified: Timestamp(text(entry.modified)), version: text(entry.version),
      storageClass: text(entry.storageClass), isDeleteMarker: entry.isDeleteMarker,
      isLatest: entry.isLatest, told: entry.told)
  }
}

/// Where a page of a listing begins.
public enum PagePosition: Sendable, Equatable {
  /// Behind a key; nil at the beginning.
  case after([UInt8]?)
  /// Where the service's token says.
  case token(String)
  /// Behind a version of a key.
  case version(key: [UInt8], version: String)
}

/// An object of a bucket, or one version of it, as a listing shows it.
public struct ObjectRecord: Sendable, Equatable {
  /// The key.
  public let key: [UInt8]
  /// The ETag without quotes.
  public let etag: String
  /// The size in bytes.
  public let size: Int64
  /// When it was last changed; nil when the service's time cannot be read.
  public let modified: Timestamp?
  /// The version; empty in a listing without versions.
  public let version: String
  /// The storage class; empty when the service gives none.
  public let storageClass: String
  /// Whether it marks a deletion.
  public let isDeleteMarker: Bool
  /// Whether it is the newest version of its key.
  public let isLatest: Bool
  /// What an inventory report says of it beside.
  let told: ReportedState

  /// Creates a record.
  public init(
    key: [UInt8], etag: String, size: Int64, modified: Timestamp?, version: String = "",
    storageClass: String = "", isDeleteMarker: Bool = false, isLatest: Bool = true
  ) {
    self.init(
      key: key, etag: etag, size: size, modified: modified, version: version,
      storageClass: storageClass, isDeleteMarker: isDeleteMarker, isLatest: isLatest,
      told: ReportedState())
  }

  init(
    key: [UInt8], etag: String, size: Int64, modified: Timestamp?, version: String = "",
    storageClass: String = "", isDeleteMarker: Bool = false, isLatest: Bool = true,
    told: ReportedState
  ) {
    self.key = key
    self.etag = etag
    self.size = size
    self.modified = modified
    self.version = version
    self.storageClass = storageClass
    self.isDeleteMarker = isDeleteMarker
    self.isLatest = isLatest
    self.told = told
  }

  /// The key as text; S3's keys are UTF-8.
  public var name: String { String(decoding: key, as: UTF8.self) }
}
