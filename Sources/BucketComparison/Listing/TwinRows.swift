import Glibc

/// The page of the other bucket that stands beside one that is read.
struct TwinPage {
  let page: ListingPage
  /// The first of its rows that has not been joined.
  let index: Int
  /// Which page of its listing it is.
  let number: Int
}

/// Rows that are the same as rows of the other bucket's page, to the last byte.
struct TwinRun: Sendable, Equatable {
  /// The first of the other page's rows.
  var other: Int
  /// The first of this page's rows.
  var own: Int
  var count: Int
}

/// Holds the rows of a page against those of the other bucket's page, which have been read.
///
/// A replica has its source's time, ETag and, as a rule, storage class (S3 User Guide, "What does Amazon S3
/// replicate?"): its row is then its source's, byte for byte, and to compare bytes takes a small part of
/// the time of reading them. A row that is not is read as any other.
struct TwinRows {
  /// How a row begins.
  static let opening: StaticString = "<Contents><Key>"
  /// After so many rows that are not the same, and no more than as many that are, it is given up.
  private static let patience = 16
  /// How many rows are compared at once.
  private static let longestStride = 64

  private let base: UnsafeRawPointer
  private let rows: UnsafeBufferPointer<ObjectEntry>
  /// The row of the other page that is expected next.
  private var index: Int
  private var credit = Self.patience
  private(set) var runs: [TwinRun] = []

  init(base: UnsafeRawPointer, rows: UnsafeBufferPointer<ObjectEntry>, from index: Int) {
    self.base = base
    self.rows = rows
    self.index = index
  }

  /// Whether there is still something to hope for.
  var isOfUse: Bool { index < rows.count && credit > 0 }

  /// Takes the rows at `start` that are the same as the other page's.
  ///
  /// - Returns: where they end; `start` when not even the first is the same.
  mutating func take(
    from start: Int, of bytes: UnsafeRawPointer, count: Int, into entries: inout [ObjectEntry]
  ) -> Int {
    guard isOfUse else { return start }
    // What stands before the first row is not known; before each other it is the row before it.
    let begin = Int(rows[index].key.start) - Self.opening.utf8CodeUnitCount
    guard begin >= 0,
      memcmp(base + begin, Self.opening.utf8Start, Self.opening.utf8CodeUnitCount) == 0
    else { return start }
    let first = index
    var position = start
    var from = begin
    var length = Self.longestStride
    while length > 0 {
      // Many rows at once, as long as they are the same; then fewer, down to the one that is not.
      let (end, next) = stride(of: length, from: from)
      if next > index, end &- from <= count &- position,
        memcmp(base + from, bytes + position, end &- from) == 0
      {
        position &+= end &- from
        from = end
        index = next
      } else {
        length /= 2
      }
    }
    guard index > first else { return start }
    credit = Self.patience
    runs.append(TwinRun(other: first, own: entries.count, count: index - first))
    append(rows[first..<index], movedBy: start &- begin, to: &entries)
    return position
  }

  /// Up to so many rows that follow each other without a gap and are still as they came.
  ///
  /// - Returns: where they end in the page, and the row behind them.
  private func stride(of length: Int, from begin: Int) -> (end: Int, next: Int) {
    var end = begin
    var next = index
    while next < rows.count, next &- index < length {
      let row = rows[next]
      // A decoded key is no longer as it came.
      guard !row.mayNeedDecoding, Int(row.end) > end,
        Int(row.key.start) &- end == Self.opening.utf8CodeUnitCount
      else { break }
      end = Int(row.end)
      next &+= 1
    }
    return (end, next)
  }

  private func append(
    _ rows: Slice<UnsafeBufferPointer<ObjectEntry>>, movedBy distance: Int,
    to entries: inout [ObjectEntry]
  ) {
    let first = entries.count
    entries.append(contentsOf: rows)
    guard distance != 0 else { return }
    let distance = UInt32(truncatingIfNeeded: distance)
    entries.withUnsafeMutableBufferPointer { entries in
      for index in first..<entries.count { entries[index].move(by: distance) }
    }
  }

  /// Says that a row with this key was read, which is not the same: the rows up to it are passed.
  mutating func pass(_ key: UnsafeRawBufferPointer) {
    credit -= 1
    while index < rows.count {
      let other = UnsafeRawBufferPointer(
        start: base + Int(rows[index].key.start), count: Int(rows[index].key.count))
      let order = KeyOrder.compare(other, key)
      if order <= 0 { index += 1 }
      if order >= 0 { return }
    }
  }
}

extension ObjectEntry {
  /// Puts the row elsewhere.
  @inline(__always)
  fileprivate mutating func move(by distance: UInt32) {
    key.start &+= distance
    etag.start &+= distance
    modified.start &+= distance
    end &+= distance
    // What is empty has no place.
    if storageClass.count > 0 { storageClass.start &+= distance }
    if version.count > 0 { version.start &+= distance }
  }
}
