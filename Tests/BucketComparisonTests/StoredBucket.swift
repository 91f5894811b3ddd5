import Platform
import Synchronization

@testable import BucketComparison

/// A bucket in memory that lists as S3 does, and misbehaves when it is told to.
final class StoredBucket: ListingSource {
  enum Fault: Sendable, Equatable {
    case none
    /// The page that begins behind that many objects is given twice.
    case repeatsPage(after: Int)
    /// The page that begins behind that many objects never comes.
    case fails(after: Int)
  }

  private struct State {
    var objects: [ObjectRecord]
    var fault = Fault.none
    var pages = 0
    var probes = 0
  }

  let name: String
  /// How many rows a page has.
  let pageSize: Int
  private let state: Mutex<State>

  init(_ name: String, _ objects: [ObjectRecord], pageSize: Int = 10) {
    self.name = name
    self.pageSize = pageSize
    state = Mutex(State(objects: objects.sorted { KeyOrder.isLess($0.key, $1.key) }))
  }

  var pages: Int { state.withLock { $0.pages } }

  /// How often it was asked for a single key, as to share a range out.
  var probes: Int { state.withLock { $0.probes } }

  func misbehave(_ fault: Fault) { state.withLock { $0.fault = fault } }

  func page(
    _ query: ListingQuery, at position: PagePosition,
    foundNext: @escaping @Sendable (PagePosition) -> Void
  ) async throws -> ListingPage {
    let (objects, fault) = state.withLock { state in
      state.pages += 1
      if query.limit == 1 { state.probes += 1 }
      return (state.objects, state.fault)
    }
    if let end = query.delimiter?.utf8.first { return folders(objects, query, end, position) }
    let all = objects.filter { $0.key.starts(with: query.prefix) }
    var start: Int
    switch position {
    case .after(let key):
      start = key.map { key in all.firstIndex { KeyOrder.isLess(key, $0.key) } ?? all.count } ?? 0
    case .token(let token): start = Int(token) ?? 0
    case .version(let key, let version):
      start = (all.firstIndex { $0.key == key && $0.version == version } ?? all.count) + 1
    }
    if case .fails(let after) = fault, start >= after {
      throw Problem("no page", because: "it was told so", fix: "none")
    }
    if case .repeatsPage(let after) = fault, start == after, start > 0 { start -= pageSize }
    let rows = all.dropFirst(start).prefix(min(pageSize, query.limit))
    var page = ListingPage()
    for row in rows { page.append(row) }
    let end = start + rows.count
    if end < all.count {
      page.next =
        query.includesVersions
        ? rows.last.map { .version(key: $0.key, version: $0.version) } : .token(String(end))
      if let next = page.next { foundNext(next) }
    }
    return page
  }
}

extension StoredBucket {
  /// Rows and folders count alike for the size of a page, as S3 has it.
  private func folders(
    _ objects: [ObjectRecord], _ query: ListingQuery, _ end: UInt8, _ position: PagePosition
  ) -> ListingPage {
    let start = if case .token(let token) = position { Int(token) ?? 0 } else { 0 }
    var names: [[UInt8]] = []
    for object in objects where object.key.starts(with: query.prefix) {
      let rest = object.key.dropFirst(query.prefix.count)
      let name = rest.firstIndex(of: end).map { Array(object.key[...$0]) } ?? object.key
      if names.last != name { names.append(name) }
    }
    var page = ListingPage()
    for name in names.dropFirst(start).prefix(pageSize) {
      if name.last == end {
        page.commonPrefixes.append(name)
      } else if let object = objects.first(where: { $0.key == name }) {
        page.append(object)
      }
    }
    if start + pageSize < names.count { page.next = .token(String(start + pageSize)) }
    return page
  }
}

extension ListingPage {
  mutating func append(_ record: ObjectRecord) {
    var entry = ObjectEntry()
    entry.key = place(record.key)
    entry.etag = place(Array(record.etag.utf8))
    entry.modified = place(Array((record.modified?.description ?? "").utf8))
    entry.version = place(Array(record.version.utf8))
    entry.storageClass = place(Array(record.storageClass.utf8))
    entry.size = record.size
    entry.isDeleteMarker = record.isDeleteMarker
    entry.isLatest = record.isLatest
    entries.append(entry)
  }

  private mutating func place(_ text: [UInt8]) -> ObjectEntry.Place {
    defer { bytes += text }
    return ObjectEntry.Place(bytes.count, text.count)
  }
}

/// A clock that a test sets, and that passes while something sleeps.
final class TestTime: TimeSource {
  private let nanoseconds = Mutex<Int64>(0)
  /// How long each look at the clock takes.
  private let step: Duration

  init(step: Duration = .zero) { self.step = step }

  func now() -> ClockReading {
    let passed = nanoseconds.withLock { time in
      time += step.wholeNanoseconds
      return time
    }
    return ClockReading(
      wall: Timestamp(nanoseconds: 1_790_000_000_000_000_000 + passed), sinceBoot: passed)
  }

  func sleep(for duration: Duration) async throws {
    try Task.checkCancellation()
    nanoseconds.withLock { $0 += duration.wholeNanoseconds }
  }
}

/// Answers looks at objects from a table; what is not in it does not exist.
struct TableExaminer: ObjectExaminer {
  var sources: [String: ObjectHead] = [:]
  var replicas: [String: ObjectHead] = [:]

  func source(_ key: [UInt8], version: String) async throws -> ObjectHead {
    sources[String(decoding: key, as: UTF8.self)] ?? ObjectHead(exists: false)
  }

  func replica(_ key: [UInt8], version: String) async throws -> ObjectHead {
    replicas[String(decoding: key, as: UTF8.self)] ?? ObjectHead(exists: false)
  }
}
