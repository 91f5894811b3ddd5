import AWSClient
import BucketComparison
import HTTPClient
import Platform
import RunEngine
import RunJournal
import StrictJSON

/// Compares two buckets by their newest S3 Inventory reports, which cost a fraction of listings.
struct CompareInventories: ObservingStep {
  typealias Output = CompareBuckets.Output

  static let kind = "s3.compare-inventories"
  static let phase = StepPhase.verify

  /// The comparison that it stands in for.
  let comparison: CompareBuckets
  let source: S3InventoryReports
  let replica: S3InventoryReports

  var summary: String {
    "compare the inventories of \(comparison.from.bucket) and \(comparison.to.bucket)"
  }
  var calls: [PlannedCall] {
    let reading = [source, replica].flatMap { reports in
      reports.side.listingCalls + [
        reports.side.plan(GetSmallObject(bucket: reports.side.bucket, key: "<report>"))
      ]
    }
    return reading.map { $0.byProgramAlone() } + comparison.calls
  }

  /// How far it has come, and by which reports.
  struct State: Codable, Sendable {
    /// The keys of the manifests' checksums.
    let source: String
    let replica: String
    var progress = InventoryProgress()
  }

  func observe(_ context: StepContext) async throws -> Observation<CompareBuckets.Output> {
    let path = try comparison.listPath(context)
    guard let folder = comparison.folder, let path else {
      throw Problem(
        "inventories need a folder", on: context.step, because: "there is none to spread them in",
        fix: "Give the state folder with --state.")
    }
    let work = InventoryWork.folder(
      of: context.step, run: "\(context.run)", in: folder)
    let known = try await reports(context)
    if known.isNew { InventoryComparison.remove(work) }
    let (left, right) = (known.source, known.replica)
    try check(left.manifest, isOf: comparison.from)
    try check(right.manifest, isOf: comparison.to)
    let began = min(left.manifest.createdAt, right.manifest.createdAt)
    noteTimes(left.manifest, right.manifest, context)
    let inventories = InventoryComparison(
      source: left, replica: right, judge: try comparison.judge(listedAt: began, context),
      examiner: comparison.examiner(context), time: context.time)
    do {
      try DurableFile.makeFolder(work, mode: 0o700)
      let done = try await inventories.run(
        from: known.state.progress, folder: work, findings: path
      ) { progress, text in
        var state = known.state
        state.progress = progress
        try await context.checkpoint(state, Progress(text, isNear: true))
      }
      let output = try await comparison.conclude(done, path: path, began: began, context)
      InventoryComparison.remove(work)
      return .ready(output)
    } catch {
      if !mayGoOn(after: error, context) { try await giveUp(work, error, context) }
      throw error
    }
  }

  /// A plan's component is easily copied with the place of another bucket's reports.
  private func check(_ manifest: InventoryManifest, isOf side: S3Side) throws {
    guard manifest.sourceBucket != side.bucket else { return }
    throw Problem(
      "the inventory report is of another bucket", on: side.bucket,
      because: "it is of \(manifest.sourceBucket)",
      fix: "Correct the bucket or the prefix of inventory in the plan.")
  }

  /// Between two pictures of different times everything changes that was changed in between.
  private func noteTimes(
    _ source: InventoryManifest, _ replica: InventoryManifest, _ context: StepContext
  ) {
    let apart =
      source.createdAt < replica.createdAt
      ? replica.createdAt - source.createdAt : source.createdAt - replica.createdAt
    guard apart > comparison.maximumLag else { return }
    context.note(
      Finding(
        .warning,
        "The reports were begun \(apart.readable) apart, at \(source.createdAt) and "
          + "\(replica.createdAt): what was changed since the earlier one counts as in flight, and what was "
          + "deleted in between as a difference unless it is looked up."))
  }

  /// Whether what was spread is of use later: the step is tried again, or the run laid down.
  private func mayGoOn(after error: any Error, _ context: StepContext) -> Bool {
    error is CancellationError
      ? context.mode == .restore : Faults.classify(error) == .transient
  }

  /// The next try begins with the newest reports.
  private func giveUp(_ work: String, _ error: any Error, _ context: StepContext) async throws {
    InventoryComparison.remove(work)
    guard !(error is CancellationError) else { return }
    try await context.checkpoint(State?.none, Progress("the reports are given up"))
  }

  /// The reports that an earlier try has begun with, while they are there; else the newest.
  private func reports(
    _ context: StepContext
  ) async throws -> (source: InventoryReport, replica: InventoryReport, state: State, isNew: Bool) {
    if let state = context.lastCheckpoint(as: State.self),
      let left = try await source.report(state.source, context),
      let right = try await replica.report(state.replica, context)
    {
      return (left, right, state, false)
    }
    let keys = (try await source.newest(context), try await replica.newest(context))
    guard let left = try await source.report(keys.0, context),
      let right = try await replica.report(keys.1, context)
    else {
      throw Problem(
        "an inventory report has just been deleted", on: context.step,
        because: "its manifest was listed and is not there", fix: "Retry the step.")
    }
    return (left, right, State(source: keys.0, replica: keys.1), true)
  }
}

/// Where a bucket's inventory reports are.
struct S3InventoryReports: Sendable {
  /// The bucket of reports.
  let side: S3Side
  /// What stands before the dates of the reports: `reports/mosaic-media/daily/`.
  let prefix: String

  /// The key of the newest report's checksum, which is written when the report is whole.
  ///
  /// - Throws: when there is none.
  func newest(_ context: StepContext) async throws -> String {
    // Only the folders that are named by dates, until the year 3000: the files of reports are many more.
    let dates = (prefix.hasSuffix("/") ? prefix : "\(prefix)/") + "2"
    var newest: String?
    var position = PagePosition.after(nil)
    for _ in 0..<Self.maximumPages {
      let page = try await side.listing(context).page(
        ListingQuery(prefix: Array(dates.utf8)), at: position, foundNext: { _ in })
      // The last in order is the newest; the checksum is written last.
      newest = page.names.last { $0.hasSuffix("Z/manifest.checksum") } ?? newest
      guard let next = page.nextPosition else { break }
      position = next
    }
    guard let newest else {
      throw Problem(
        "there is no inventory report", on: "\(prefix) in \(side.name)",
        because: "no manifest.checksum stands under it",
        fix:
          "Check the prefix (DESTINATION/BUCKET/CONFIGURATION/); the first report takes up to 48 hours."
      )
    }
    return newest
  }

  /// A report by the key of its checksum; nil when it is not there any more.
  ///
  /// - Throws: when the manifest is not the one of the checksum.
  func report(_ key: String, _ context: StepContext) async throws -> InventoryReport? {
    let store = Store(side: side, context: context)
    let read = { (key: String) in
      try await side.found(
        GetSmallObject(bucket: side.bucket, key: key, limit: Store.maximumManifest),
        absentWhen: ["NoSuchKey"], context)?.content
    }
    guard let checksum = try await read(key),
      let manifest = try await read(key.dropLast("checksum".count) + "json")
    else { return nil }
    return InventoryReport(
      try InventoryManifest(manifest, checksum: checksum, name: "\(key) in \(side.name)"), in: store
    )
  }

  private static let maximumPages = 100

  /// Reads files of reports.
  struct Store: InventoryStore {
    /// The largest manifest, in bytes.
    static let maximumManifest = 16 << 20
    /// The bound on a silence while a file comes.
    private static let idleTimeout: Duration = .seconds(60)
    /// The bound on a file.
    private static let fileTimeout: Duration = .seconds(6 * 3_600)
    /// How much of a refusal is read, in bytes.
    private static let maximumRefusal = 64 << 10

    let side: S3Side
    let context: StepContext

    func forEachPart(of key: String, _ body: ([UInt8]) async throws -> Void) async throws {
      let client = side.aws.client
      let path = "/" + BatchManifest.escaped(key)
      var request = HTTPRequest(
        method: "GET",
        url: client.settings.s3URL(
          bucket: side.bucket, path: path, query: "", in: side.aws.region),
        timeout: Self.fileTimeout)
      request.idleTimeout = Self.idleTimeout
      let signed = try await client.signed(request, for: .s3, in: side.aws.region)
      let answer = try await client.http.stream(signed)
      if answer.status != 200 {
        throw try await refusal(of: key, answer)
      }
      for try await part in answer.body { try await body(part) }
    }

    /// Whether it passes, as when the bucket is busy, only S3's words tell.
    private func refusal(
      of key: String, _ answer: HTTPStreamedAnswer
    ) async throws -> any ExplainedError {
      let told = HTTPAnswer(
        status: answer.status, headers: answer.headers,
        body: try await answer.body.collect(upTo: Self.maximumRefusal))
      let request = GetSmallObject(bucket: side.bucket, key: key)
      return AWSClient.error(of: told, to: request, in: side.aws.region)
        ?? Problem(
          "cannot read an inventory file", on: "\(key) in \(side.name)",
          because: "S3 answered with status \(answer.status)", fix: "Retry the step.")
    }
  }
}
