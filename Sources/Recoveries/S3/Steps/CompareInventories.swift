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
    [source, replica].flatMap { reports in
      reports.side.listingCalls + [
        reports.side.aws.plan(GetSmallObject(bucket: reports.side.bucket, key: "<report>"))
      ]
    } + comparison.calls
  }

  func observe(_ context: StepContext) async throws -> Observation<CompareBuckets.Output> {
    let left = try await source.newest(context)
    let right = try await replica.newest(context)
    let path = try comparison.listPath(context)
    guard let folder = comparison.folder, let path else {
      throw Problem(
        "inventories need a folder", on: context.step, because: "there is none to spread them in",
        fix: "Give the state folder with --state.")
    }
    let began = min(left.manifest.createdAt, right.manifest.createdAt)
    let judge = try comparison.judge(listedAt: began, context)
    let work = "\(folder)/.\(context.run).inventories"
    try DurableFile.makeFolder(work, mode: 0o700)
    defer { DurableFile.removeFolder(work) }
    let done = try await InventoryComparison(
      source: comparison.from.bucket, replica: comparison.to.bucket,
      examiner: comparison.examiner(context), time: context.time, judge: { _ in judge }
    ).run(
      source: (left.manifest, left.store), replica: (right.manifest, right.store), folder: work,
      findings: path, mark: { _ in })
    return .ready(try await comparison.conclude(done, path: path, began: began, context))
  }
}

/// Where a bucket's inventory reports are.
struct S3InventoryReports: Sendable {
  /// The bucket of reports.
  let side: S3Side
  /// What stands before the dates of the reports: `reports/mosaic-media/daily/`.
  let prefix: String

  /// The newest report that is whole.
  ///
  /// - Throws: when there is none, or its manifest is not the one of its checksum.
  func newest(
    _ context: StepContext
  ) async throws -> (manifest: InventoryManifest, store: Store) {
    let store = Store(side: side, context: context)
    var newest: String?
    var position = PagePosition.after(nil)
    for _ in 0..<Self.maximumPages {
      let page = try await side.listing(context).page(
        ListingQuery(prefix: Array(prefix.utf8)), at: position, foundNext: { _ in })
      // The folders are named by dates, so that the last in order is the newest; the checksum comes last.
      newest =
        page.names.filter { $0.hasSuffix("Z/manifest.checksum") }.max().map { [newest ?? "", $0] }?
        .max() ?? newest
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
    let stem = newest.dropLast("checksum".count)
    let manifest = try InventoryManifest(
      try await store.file(stem + "json"), checksum: try await store.file(newest),
      name: "\(newest) in \(side.name)")
    return (manifest, store)
  }

  private static let maximumPages = 100

  /// Reads files of reports.
  struct Store: InventoryStore {
    /// The largest manifest, in bytes.
    private static let maximumManifest = 16 << 20
    /// The bound on a silence while a file comes.
    private static let idleTimeout: Duration = .seconds(60)
    /// The bound on a file.
    private static let fileTimeout: Duration = .seconds(6 * 3_600)

    let side: S3Side
    let context: StepContext

    func file(_ key: String) async throws -> [UInt8] {
      try await side.aws.send(
        GetSmallObject(bucket: side.bucket, key: key, limit: Self.maximumManifest), context
      ).content
    }

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
      guard answer.status == 200 else {
        throw Problem(
          "cannot read an inventory file", on: "\(key) in \(side.name)",
          because: "S3 answered with status \(answer.status)",
          fix: "Allow s3:GetObject on the bucket of reports to this identity.")
      }
      for try await part in answer.body { try await body(part) }
    }
  }
}
