import AWSClient
import BucketComparison
import Platform
import RunEngine
import RunJournal
import StrictJSON

/// Compares two buckets key by key, and notes how old the oldest change is that is not at the other.
struct CompareBuckets: ObservingStep {
  static let kind = "s3.compare"
  static let phase = StepPhase.verify
  static let isComputing = true

  /// What the comparison is for.
  enum Purpose: Sendable {
    /// How far replication has come; the steps that found out how it is set up.
    case replication(bucketsStep: String, replicationStep: String)
    /// Whether a bucket holds what another does; the step that looked at the buckets.
    case copy(bucketsStep: String, Copy)
  }

  /// A copy that a comparison is about.
  struct Copy: Sendable {
    /// Whether the comparison says what is to be copied, not whether it was.
    let isBefore: Bool
    /// The RPO that it counts for, where the whole of what is recovered is copied.
    let objective: Duration?
  }

  /// How far it has come.
  struct State: Codable, Sendable {
    /// The service's clock when the listing began.
    let listedAt: Timestamp
    let progress: ComparisonProgress

    enum CodingKeys: String, CodingKey {
      case progress
      case listedAt = "listed_at"
    }
  }

  struct Output: Codable, Sendable {
    let tally: ComparisonTally
    /// The list of findings; nil when it was not kept.
    let list: String?
    let sha256: String?
    let size: Int64

    /// The file's name; nil when there is none.
    var listName: String? { list?.split(separator: "/").last.map(String.init) }

    /// The counts in a line, for people.
    var text: String {
      let kinds = DifferenceKind.allCases.filter { tally[$0] > 0 }.map { kind in
        "\(tally[kind].grouped) \(kind.rawValue.replacingAll("_", with: " "))"
      }
      return ["\(tally.sourceObjects.grouped) objects", "\(tally.same.grouped) the same"]
        .appending(kinds).joined(separator: ", ")
    }
  }

  let from: S3Side
  let to: S3Side
  let purpose: Purpose
  let options: BucketComparison.Options
  let maximumLag: Duration
  let replicatedSince: Timestamp?
  /// Where the list of findings is written; nil for nowhere.
  let folder: String?

  var summary: String { "compare \(from.bucket) with \(to.bucket), key by key" }
  var calls: [PlannedCall] {
    let version = options.includesVersions ? "<version>" : nil
    let own =
      from.listingCalls + to.listingCalls
      + [from, to].map { side in
        side.plan(HeadObject(bucket: side.bucket, key: "<key>", version: version))
      }
    return SyncByHand(from: from, to: to, prefixes: options.prefixes).comparing
      + own.map { $0.byProgramAlone() }
  }

  func observe(_ context: StepContext) async throws -> Observation<Output> {
    let known = context.lastCheckpoint(as: State.self)
    let began = known?.listedAt ?? context.time.now().wall + from.aws.client.clockOffset
    let path = try listPath(context)
    try await purpose.noteEmpty(in: from, options.prefixes, context)
    let comparison = BucketComparison(
      source: from.listing(context), replica: to.listing(context),
      judge: try judge(listedAt: began, context), examiner: examiner(context), options: options,
      time: context.time)
    let done = try await comparison.run(
      from: known?.progress ?? ComparisonProgress(), findings: path
    ) { progress in
      try await context.checkpoint(
        State(listedAt: began, progress: progress),
        Progress("\(progress.tally.sourceObjects.grouped) objects compared", isNear: true))
    }
    return .ready(try await conclude(done, path: path, began: began, context))
  }

  /// Notes what was found, and what the list of it is.
  func conclude(
    _ done: ComparisonProgress, path: String?, began: Timestamp, _ context: StepContext
  ) async throws -> Output {
    let file = try await path.asyncMap { try await FindingsList($0).digest() }
    let output = Output(
      tally: done.tally, list: path, sha256: file?.sha256, size: file?.size ?? 0)
    try note(output, began, context)
    return output
  }

  func judge(listedAt: Timestamp, _ context: StepContext) throws -> Judge {
    try purpose.judge(
      from: from, to: to, maximumLag: maximumLag, replicatedSince: replicatedSince,
      listedAt: listedAt, context)
  }

  func examiner(_ context: StepContext) -> S3Examiner {
    S3Examiner(sourceSide: from, replicaSide: to, context: context)
  }

  /// The list stands next to the run's report and goes by the run and the step.
  func listPath(_ context: StepContext) throws -> String? {
    guard let folder else { return nil }
    try DurableFile.makeFolder(folder, mode: 0o700)
    return "\(folder)/\(context.run).\(context.step.asFileName).jsonl.zst"
  }

  private func note(_ output: Output, _ began: Timestamp, _ context: StepContext) throws {
    let tally = output.tally
    context.keep("comparison", try JSONValue(encoding: tally))
    if let sha256 = output.sha256, let name = output.listName {
      context.keep("findings_file", .string(name))
      context.keep("findings_sha256", .string(sha256))
      context.keep("findings_bytes", .integer(output.size))
    }
    let counts = "\(from.bucket) and \(to.bucket): \(output.text)."
    if case .copy(_, let copy) = purpose, copy.isBefore {
      context.note(Finding(.note, counts))
      return
    }
    context.note(Finding(tally.findings == 0 ? .note : .exception, counts))
    for line in tally.shown.prefix(5) { context.note(Finding(.warning, FindingText.of(line))) }
    if let sha256 = output.sha256, let name = output.listName,
      tally.findings + tally.unprotected > 0
    {
      context.note(Finding(.note, "All are listed in \(name), SHA-256 \(sha256)."))
    }
    tally.noteDoubts(in: to.bucket, context)
    if case .copy(_, let copy) = purpose {
      if let objective = copy.objective { noteBound(tally, objective, context) }
      return
    }
    tally.noteNeverEligible(from: from.bucket, to: to.bucket, context)
    let point = tally.oldestAbsence.map { min($0, context.incident) }
    context.note(
      Moment(
        .recoveryPoint, of: context.component, at: point ?? min(began, context.incident),
        evidence: .serviceField,
        source: point == nil
          ? "every change at \(from.bucket) \(tally.unprotected > 0 ? "that is replicated " : "")is at \(to.bucket)"
          : "LastModified of the oldest change at \(from.bucket) that is not at \(to.bucket)"))
  }

  /// No more was lost than was changed since the youngest object that is there: of a bucket that changes seldom this
  /// says nothing.
  private func noteBound(_ tally: ComparisonTally, _ objective: Duration, _ context: StepContext) {
    guard let newest = tally.newest else { return }
    guard context.incident - newest <= objective else {
      context.note(
        Finding(
          .warning,
          "How much was lost cannot be told: the youngest object of \(from.bucket) is of \(newest), which may "
            + "be all there was. See what the last drill measured."))
      return
    }
    context.note(
      Moment(
        .lastCommitted, of: context.component, at: newest, evidence: .inferred,
        source: "the youngest object of \(from.bucket): nothing older is missing"))
  }
}

extension Int {
  /// With commas between thousands.
  var grouped: String {
    var digits = Array(String(magnitude))
    var place = digits.count - 3
    while place > 0 {
      digits.insert(",", at: place)
      place -= 3
    }
    return (self < 0 ? "-" : "") + String(digits)
  }
}

extension [String] {
  fileprivate func appending(_ more: [String]) -> [String] { self + more }
}

extension Optional where Wrapped: Sendable {
  fileprivate func asyncMap<Result>(
    _ transform: (Wrapped) async throws -> Result
  ) async throws -> Result? {
    guard let self else { return nil }
    return try await transform(self)
  }
}
