import Compression
import Platform

/// Gathers what the workers find, writes it down, and marks from time to time how far all have come.
actor ComparisonLedger {
  /// How long after a mark the next one is set.
  static let markEvery: Duration = .seconds(5)
  /// How much of the list of findings is held before it is written; bytes.
  static let maximumHeld = 1 << 20

  private(set) var progress: ComparisonProgress
  /// Makes a part of the list of findings lasting; nil when nobody keeps it.
  private let append: (@Sendable ([UInt8]) async throws -> Void)?
  private let mark: @Sendable (ComparisonProgress) async throws -> Void
  private let time: any TimeSource
  private var held: [UInt8] = []
  private var isSaving = false
  private var savedAt: Int64
  /// Why the list cannot be written any more: part of a frame may stand behind its end, and what it was to
  /// hold would be missing. Who opens it again cuts it back to the last mark.
  private var failure: (any Error)?

  init(
    _ progress: ComparisonProgress, append: (@Sendable ([UInt8]) async throws -> Void)?,
    time: any TimeSource,
    mark: @escaping @Sendable (ComparisonProgress) async throws -> Void
  ) {
    self.progress = progress
    self.append = append
    self.time = time
    self.mark = mark
    savedAt = time.now().sinceBoot
  }

  /// Notes that an interval has been compared, with what was found in it.
  ///
  /// - Throws: when the list cannot be written.
  func note(
    _ interval: KeyIntervals.Interval, of prefix: [UInt8], _ tally: ComparisonTally,
    _ lines: [String]
  ) async throws {
    if let failure { throw failure }
    progress.add(interval, of: prefix)
    progress.tally += tally
    for line in lines {
      held += line.utf8
      held.append(0x0A)
    }
    let sinceSave = time.now().sinceBoot - savedAt
    guard !isSaving,
      held.count >= Self.maximumHeld || sinceSave >= Self.markEvery.wholeNanoseconds
    else { return }
    try await save()
  }

  /// Writes down what is held, and sets a mark behind it.
  ///
  /// - Throws: when it cannot be written, and from then on: a mark would say that it is there.
  func save() async throws {
    if let failure { throw failure }
    isSaving = true
    defer {
      isSaving = false
      savedAt = time.now().sinceBoot
    }
    let lines = held
    held = []
    // The mark speaks of what is in the file, not of what other workers add meanwhile.
    var marked = progress
    if let append, !lines.isEmpty {
      let frame = try ZstdFrame.compress(lines)
      do { try await append(frame) } catch {
        failure = error
        throw error
      }
      progress.findingsLength += Int64(frame.count)
      marked.findingsLength = progress.findingsLength
    }
    try await mark(marked)
  }
}
