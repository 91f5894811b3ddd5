import Compression
import Platform

/// Gathers what the workers find, writes it down, and marks from time to time how far all have come.
actor ComparisonLedger {
  /// How long after a mark the next one is set.
  static let markEvery: Duration = .seconds(5)
  /// How much of the list of findings is held before it is written; bytes.
  static let maximumHeld = 1 << 20

  private(set) var progress: ComparisonProgress
  private let file: AppendedFile?
  private let mark: @Sendable (ComparisonProgress) async throws -> Void
  private let time: any TimeSource
  private var held: [UInt8] = []
  private var isSaving = false
  private var savedAt: Int64

  init(
    _ progress: ComparisonProgress, file: AppendedFile?, time: any TimeSource,
    mark: @escaping @Sendable (ComparisonProgress) async throws -> Void
  ) {
    self.progress = progress
    self.file = file
    self.time = time
    self.mark = mark
    savedAt = time.now().sinceBoot
  }

  /// Notes that an interval has been compared, with what was found in it.
  func note(
    _ interval: KeyIntervals.Interval, of prefix: [UInt8], _ tally: ComparisonTally,
    _ lines: [String]
  ) async throws {
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
  func save() async throws {
    isSaving = true
    defer {
      isSaving = false
      savedAt = time.now().sinceBoot
    }
    let lines = held
    held = []
    // The mark speaks of what is in the file, not of what other workers add meanwhile.
    var marked = progress
    if let file, !lines.isEmpty {
      let frame = try ZstdFrame.compress(lines)
      try await file.append(frame)
      progress.findingsLength += Int64(frame.count)
      marked.findingsLength = progress.findingsLength
    }
    try await mark(marked)
  }
}
