import Platform
import RunEngine
import StrictJSON

/// How far a copy of many objects has come: enough to go on after a crash, and to leave nothing behind.
struct CopyState: Codable, Sendable, Equatable {
  /// How many lines of the list are done, without a gap.
  var lines = 0
  var objects = 0
  var bytes: Int64 = 0
  /// How many objects the target had something newer for, and kept.
  var kept = 0
  var refused = RefusedObjects()
  /// The line of the first object that was refused.
  var firstRefused: Int?
  /// The copies in parts that are under way.
  var uploads: [OpenUpload] = []

  enum CodingKeys: String, CodingKey {
    case lines, objects, bytes, kept, refused, uploads
    case firstRefused = "first_refused"
  }

  init() {}

  init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: CodingKeys.self)
    lines = try fields.decode(Int.self, forKey: .lines)
    objects = try fields.decode(Int.self, forKey: .objects)
    bytes = try fields.decode(Int64.self, forKey: .bytes)
    // Those of an older version of this program have no more.
    kept = try fields.decodeIfPresent(Int.self, forKey: .kept) ?? 0
    refused = try fields.decodeIfPresent(RefusedObjects.self, forKey: .refused) ?? RefusedObjects()
    firstRefused = try fields.decodeIfPresent(Int.self, forKey: .firstRefused)
    uploads = try fields.decodeIfPresent([OpenUpload].self, forKey: .uploads) ?? []
  }

  /// Adds what became of the next line.
  mutating func add(_ outcome: CopyOutcome) {
    switch outcome {
    case .copied(let size):
      objects += 1
      bytes += size
      refused.endRow()
    case .unneeded: break
    case .kept: kept += 1
    case .refused(let object):
      refused.add(object)
      firstRefused = firstRefused ?? lines
    }
    lines += 1
  }

  /// Where the next try begins, which looks at what was refused once more.
  var again: CopyState {
    var state = self
    state.lines = firstRefused ?? lines
    state.kept = 0
    state.refused = RefusedObjects()
    state.firstRefused = nil
    return state
  }
}

/// Keeps the state of a copy while many objects are under way, and journals it every few seconds.
actor CopyLedger {
  /// How long after a mark the next one is set.
  private static let markEvery: Duration = .seconds(5)

  private(set) var state: CopyState
  private let count: Int
  private let context: StepContext
  /// What became of lines that others before them still hold up.
  private var ahead: [Int: CopyOutcome] = [:]
  private var cause: (any Error)?
  private var markedAt: Int64
  private var lastMark: Task<Void, any Error>?

  init(_ state: CopyState, of count: Int, _ context: StepContext) {
    self.state = state
    self.count = count
    self.context = context
    markedAt = context.time.now().sinceBoot
  }

  /// Notes what became of a line.
  ///
  /// - Throws: when so many objects in a row are refused that it is not about them; what the journal throws.
  func end(_ line: Int, _ outcome: CopyOutcome) async throws {
    ahead[line] = outcome
    while let next = ahead.removeValue(forKey: state.lines) { state.add(next) }
    guard state.refused.inARow < RefusedObjects.maximumInARow else {
      throw TooManyRefused()
    }
    if context.time.now().sinceBoot - markedAt >= Self.markEvery.wholeNanoseconds {
      try await mark()
    }
  }

  /// Whether no other object is begun with.
  var isEnding: Bool { cause != nil }

  /// Ends this try of the step for an error that may pass, once those under way have ended.
  func end(with error: any Error) { cause = cause ?? error }

  /// - Throws: what the try ends with, once it is journaled how far it has come.
  func throwIfEnding() async throws {
    guard let cause else { return }
    try await mark()
    throw cause
  }

  /// The copy in parts of a key that an earlier process has begun.
  func upload(of key: String) -> OpenUpload? { state.uploads.first { $0.key == key } }

  /// Notes an upload; returns when that is on the disk.
  func open(_ upload: OpenUpload) async throws {
    state.uploads.append(upload)
    tell()
    try await mark()
  }

  /// Forgets an upload that is put together or given up.
  func close(_ upload: OpenUpload) {
    state.uploads.removeAll { $0 == upload }
    tell()
  }

  /// Begins once more with what was refused, in the next try.
  func beginAgain() async throws {
    state = state.again
    ahead = [:]
    try await mark()
  }

  /// Journals how far all have come. One mark is written after the other, each with the state as it is then.
  func mark() async throws {
    markedAt = context.time.now().sinceBoot
    let before = lastMark
    let mine = Task {
      _ = await before?.result
      try await self.write()
    }
    lastMark = mine
    try await mine.value
  }

  private func write() async throws {
    let refused = state.refused.count
    let text =
      "\(state.objects.grouped) of \(count.grouped) copied"
      + (refused == 0 ? "" : ", \(refused.grouped) refused")
    try await context.checkpoint(state, Progress(text, isNear: true))
  }

  /// What would be left if the step ended now.
  private func tell() {
    context.keep(
      "open_uploads",
      .array(
        state.uploads.map { ["key": .string($0.key), "upload_id": .string($0.upload)] }))
  }
}

/// So many objects in a row were refused that it is not about single ones.
struct TooManyRefused: Error {}
