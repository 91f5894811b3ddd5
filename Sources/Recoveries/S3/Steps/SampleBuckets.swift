import AWSClient
import BucketComparison
import Platform
import RunEngine
import RunJournal
import StrictJSON

/// Looks at objects drawn by chance on both sides, and says what that proves.
struct SampleBuckets: ObservingStep {
  typealias Output = CompareBuckets.Output

  static let kind = "s3.sample"
  static let phase = StepPhase.verify
  static let isComputing = true

  let source: S3Side
  let replica: S3Side
  let purpose: CompareBuckets.Purpose
  let prefixes: [String]
  let count: Int
  let maximumLag: Duration
  let replicatedSince: Timestamp?

  var summary: String { "look at \(count.grouped) objects of \(source.bucket), drawn by chance" }
  var calls: [PlannedCall] {
    let own =
      source.listingCalls + replica.listingCalls + [
        source.plan(HeadObject(bucket: source.bucket, key: "<key>")),
        replica.plan(HeadObject(bucket: replica.bucket, key: "<key>")),
      ]
    return SyncByHand(from: source, to: replica, prefixes: prefixes).comparing
      + own.map { $0.byProgramAlone() }
  }

  func observe(_ context: StepContext) async throws -> Observation<CompareBuckets.Output> {
    let began = context.time.now().wall + source.aws.client.clockOffset
    let judge = try purpose.judge(
      from: source, to: replica, maximumLag: maximumLag, replicatedSince: replicatedSince,
      listedAt: began, context)
    try await purpose.noteEmpty(in: source, prefixes, context)
    let result = try await SampleComparison(
      source: source.listing(context),
      examiner: S3Examiner(sourceSide: source, replicaSide: replica, context: context),
      judge: judge, prefixes: prefixes, count: count, random: context.random
    ).run()
    guard result.looked > 0 || result.drawn == 0 else { throw nothingSeen(result) }
    try note(result, began, context)
    return .ready(CompareBuckets.Output(tally: result.tally, list: nil, sha256: nil, size: 0))
  }

  private func note(
    _ result: SampleComparison.Result, _ began: Timestamp, _ context: StepContext
  ) throws {
    let tally = result.tally
    context.keep("sample", try JSONValue(encoding: tally))
    let drawn = "\(result.drawn.grouped) of \(result.listed.grouped) objects were drawn by chance"
    if tally.findings > 0 {
      context.note(Finding(.exception, "\(drawn), and \(tally.findings.grouped) are amiss."))
    } else if let bound = result.bound {
      context.note(
        Finding(
          .note,
          "\(drawn), and none \(tally.unprotected > 0 ? "of those that are replicated " : "")is amiss: with 95 % certainty at most \(Self.percent(bound)) of all are."
        ))
    }
    for line in tally.shown.prefix(5) { context.note(Finding(.warning, FindingText.of(line))) }
    tally.noteNeverEligible(from: source.bucket, to: replica.bucket, context)
    tally.noteDoubts(in: replica.bucket, context)
    let point = tally.oldestAbsence.map { min($0, context.incident) }
    context.note(
      Moment(
        .recoveryPoint, of: context.component, at: point ?? min(began, context.incident),
        evidence: .inferred,
        source: "a sample of \(result.drawn.grouped) objects of \(source.bucket)"))
  }

  private func nothingSeen(_ result: SampleComparison.Result) -> Problem {
    Problem(
      "the sample proves nothing", on: "\(source.bucket) and \(replica.bucket)",
      because: "of \(result.drawn.grouped) objects none could be looked up: "
        + result.tally.refusals.keys.sorted().joined(separator: ", "),
      fix: "Allow s3:GetObject, and kms:Decrypt with the objects' keys, on both buckets.")
  }

  /// Millionths as a percentage: `0.1 %`.
  static func percent(_ millionths: Int) -> String {
    var digits = (millionths % 10_000).padded(4)
    while digits.last == "0" { digits.removeLast() }
    return "\(millionths / 10_000)\(digits.isEmpty ? "" : ".\(digits)") %"
  }
}
