import Platform

/// What came of joining as far as the pages at hand go.
struct JoinedRows {
  /// The counts, differences not among them.
  var tally = ComparisonTally()
  /// The rows that are not plainly the same.
  var differences: [Difference] = []
  /// Every key up to this one has been joined; nil while none has.
  var doneUpTo: [UInt8]?
  /// A key that is the same on both sides.
  var sampleOfSame: [UInt8]?
}

extension ListingPage {
  /// When the youngest of some rows was changed; the service writes all times in one form, which sorts.
  func newest(in rows: Range<Int>) -> Timestamp? {
    guard !rows.isEmpty else { return nil }
    let youngest = bytes.withUnsafeBytes { bytes in
      entries.withUnsafeBufferPointer { entries in
        var youngest = entries[rows.lowerBound].modified
        for row in rows.dropFirst() {
          let other = entries[row].modified
          if KeyOrder.compare(youngest, other, of: bytes) < 0 { youngest = other }
        }
        return youngest
      }
    }
    return Timestamp(text(youngest))
  }
}

/// Joins two listings in the order of their keys, row by row, holding a page of each.
enum MergeJoin {
  /// Joins until one side needs another page, or both are beyond `bound`.
  ///
  /// - Returns: whether everything up to `bound` has been joined.
  static func join(
    _ left: inout ListingCursor, _ right: inout ListingCursor, upTo bound: [UInt8]?,
    into rows: inout JoinedRows
  ) -> Bool {
    let leftLimit = limit(left.page, from: left.index, upTo: bound)
    let rightLimit = limit(right.page, from: right.index, upTo: bound)
    let leftEnds = left.isAtEnd || leftLimit < left.page.entries.count
    let rightEnds = right.isAtEnd || rightLimit < right.page.entries.count
    var i = left.index
    var j = right.index
    var lastSame: Int?
    var runs = RunsAhead(right.page, beside: left)
    let leftPage = left.page
    let rightPage = right.page
    leftPage.bytes.withUnsafeBytes { leftBytes in
      rightPage.bytes.withUnsafeBytes { rightBytes in
        leftPage.entries.withUnsafeBufferPointer { leftRows in
          rightPage.entries.withUnsafeBufferPointer { rightRows in
            while true {
              if i < leftLimit, j < rightLimit {
                let same = min(runs.length(at: i, j), leftLimit - i, rightLimit - j)
                if same > 0 {
                  rows.tally.sourceObjects += same
                  rows.tally.replicaObjects += same
                  rows.tally.same += same
                  rows.tally.sourceBytes += leftRows[i..<i + same].reduce(0) { $0 + $1.size }
                  i += same
                  j += same
                  lastSame = i - 1
                  continue
                }
                let order = KeyOrder.compare(
                  slice(leftBytes, leftRows[i].key), slice(rightBytes, rightRows[j].key))
                if order == 0 {
                  rows.tally.sourceObjects += 1
                  rows.tally.replicaObjects += 1
                  rows.tally.sourceBytes += leftRows[i].size
                  if leftRows[i].size == rightRows[j].size,
                    KeyOrder.compare(
                      slice(leftBytes, leftRows[i].etag), slice(rightBytes, rightRows[j].etag)) == 0
                  {
                    rows.tally.same += 1
                    lastSame = i
                  } else {
                    rows.differences.append(
                      Difference(source: leftPage.record(at: i), replica: rightPage.record(at: j)))
                  }
                  i += 1
                  j += 1
                } else if order < 0 {
                  takeLeft()
                } else {
                  takeRight()
                }
              } else if i < leftLimit {
                guard rightEnds else { break }
                takeLeft()
              } else if j < rightLimit {
                guard leftEnds else { break }
                takeRight()
              } else {
                break
              }
            }

            func takeLeft() {
              rows.tally.sourceObjects += 1
              rows.tally.sourceBytes += leftRows[i].size
              rows.differences.append(Difference(source: leftPage.record(at: i), replica: nil))
              i += 1
            }

            func takeRight() {
              rows.tally.replicaObjects += 1
              rows.differences.append(Difference(source: nil, replica: rightPage.record(at: j)))
              j += 1
            }
          }
        }
      }
    }
    rows.tally.newest = leftPage.newest(in: left.index..<i)
    rows.tally.archivedReplicas = rightPage.archived(in: right.index..<j)
    left.index = i
    right.index = j
    let isDone = i >= leftLimit && j >= rightLimit && leftEnds && rightEnds
    rows.doneUpTo = isDone ? bound : joined(leftPage, i, leftEnds, rightPage, j, rightEnds)
    rows.sampleOfSame = lastSame.map { leftPage.key(at: $0) }
    return isDone
  }

  @inline(__always)
  private static func slice(
    _ bytes: UnsafeRawBufferPointer, _ place: ObjectEntry.Place
  ) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: bytes[place.range])
  }

  /// How many rows of the page are not beyond the bound.
  private static func limit(_ page: ListingPage, from index: Int, upTo bound: [UInt8]?) -> Int {
    let count = page.entries.count
    guard let bound, index < count, page.key(at: count - 1, isBehind: bound) else { return count }
    var low = index
    var high = count - 1
    while low < high {
      let middle = (low + high) / 2
      if page.key(at: middle, isBehind: bound) { high = middle } else { low = middle + 1 }
    }
    return low
  }

  /// Everything up to the end of an exhausted page is joined: what the other side has up to there was
  /// taken before it.
  private static func joined(
    _ left: ListingPage, _ i: Int, _ leftEnds: Bool, _ right: ListingPage, _ j: Int,
    _ rightEnds: Bool
  ) -> [UInt8]? {
    if i >= left.entries.count, !leftEnds { return left.lastKey }
    if j >= right.entries.count, !rightEnds { return right.lastKey }
    return nil
  }
}

/// The runs of rows that are the same on both sides, in the order in which a join comes to them.
private struct RunsAhead {
  private let runs: [TwinRun]
  private var next = 0

  init(_ page: ListingPage, beside left: ListingCursor) {
    runs = page.twin == left.pages ? page.twins : []
  }

  /// How many rows from these on are the same.
  @inline(__always)
  mutating func length(at left: Int, _ right: Int) -> Int {
    while next < runs.count {
      let run = runs[next]
      if right < run.own { return 0 }
      if right < run.own + run.count {
        let isAligned = left - run.other == right - run.own
        return isAligned ? run.own + run.count - right : 0
      }
      next += 1
    }
    return 0
  }
}
