import Compression
import Cryptography
public import Platform

/// Where the files of an inventory report are read.
public protocol InventoryStore: Sendable {
  /// Hands a large file on, part by part.
  func forEachPart(of key: String, _ body: ([UInt8]) async throws -> Void) async throws
}

/// How far a comparison of inventories has come, beyond what has been spread over files.
public struct InventoryProgress: Sendable, Codable, Equatable {
  /// How many shares have been compared.
  public internal(set) var shares = 0
  /// What was found in them.
  public internal(set) var found = ComparisonProgress()

  /// Nothing is compared yet.
  public init() {}
}

/// A report with where its files are.
public struct InventoryReport: Sendable {
  /// What it consists of.
  public let manifest: InventoryManifest
  /// Where its files are read.
  public let store: any InventoryStore

  /// Creates a report.
  public init(_ manifest: InventoryManifest, in store: any InventoryStore) {
    self.manifest = manifest
    self.store = store
  }
}

/// Compares two buckets by their S3 Inventory reports in place of listings: for billions of objects.
///
/// Both reports are streamed once into files on this machine, then compared share by share, each of
/// which fits in memory. A report is a picture that was taken over hours: what changed since it was begun
/// counts as in flight. After a crash it goes on with the file of a report, or the share, that it was at.
public struct InventoryComparison: Sendable {
  /// About how many bytes of compressed reports make a share.
  static let shareSize: Int64 = 2 << 20
  /// How many shares there are at most.
  static let maximumShares = 4_000

  private let source: InventoryReport
  private let replica: InventoryReport
  private let settlement: Settlement
  private let time: any TimeSource

  /// Creates a comparison; nothing is read yet.
  public init(
    source: InventoryReport, replica: InventoryReport, judge: Judge,
    examiner: (any ObjectExaminer)?, time: any TimeSource
  ) {
    self.source = source
    self.replica = replica
    settlement = Settlement(judge: judge, examiner: examiner)
    self.time = time
  }

  /// Compares what has not been compared yet.
  ///
  /// - Parameters:
  ///   - start: how far an earlier try came.
  ///   - folder: a folder of its own for about as many bytes as the reports hold uncompressed. Whoever
  ///     needs it no more removes it.
  ///   - path: where the list of findings is written.
  ///   - mark: told from time to time how far it has come, and what it is at, for people.
  /// - Throws: `Problem` when a file is damaged; whatever the stores throw.
  public func run(
    from start: InventoryProgress, folder: String, findings path: String?,
    mark: @escaping @Sendable (InventoryProgress, String) async throws -> Void
  ) async throws -> ComparisonProgress {
    let reports = [source, replica]
    let size = reports.flatMap(\.manifest.files).reduce(0) { $0 + $1.size }
    let shares = Int(min(max(size / Self.shareSize, 1), Int64(Self.maximumShares)))
    let folders = Self.folders(in: folder)
    for (report, folder) in zip(reports, folders) {
      try await spread(report, over: shares, in: folder) { text in try await mark(start, text) }
    }
    var progress = start
    var markedAt = time.now().sinceBoot
    for share in start.shares..<shares {
      let pages = [
        try await Partitions.read(folders[0], share), try await Partitions.read(folders[1], share),
      ]
      let comparison = BucketComparison(
        source: PartitionListing(name: source.manifest.sourceBucket, rows: pages[0]),
        replica: PartitionListing(name: replica.manifest.sourceBucket, rows: pages[1]),
        settlement: settlement, options: .init(parallel: 1), time: time)
      progress.found = try await comparison.run(
        from: progress.found.beginningAgain, findings: path, mark: { _ in })
      progress.shares = share + 1
      if time.now().sinceBoot - markedAt >= ComparisonLedger.markEvery.wholeNanoseconds {
        markedAt = time.now().sinceBoot
        try await mark(progress, "\(progress.shares) of \(shares) shares compared")
      }
    }
    return progress.found
  }

  /// The folders of both reports.
  static func folders(in folder: String) -> [String] {
    ["source", "replica"].map { "\(folder)/\($0)" }
  }

  /// Removes what a comparison has left in its folder.
  public static func remove(_ folder: String) {
    for part in folders(in: folder) { DurableFile.removeFolder(part) }
    DurableFile.removeFolder(folder)
  }

  private func spread(
    _ report: InventoryReport, over shares: Int, in folder: String,
    mark: (String) async throws -> Void
  ) async throws {
    let partitions = try Partitions(shares, in: folder)
    let files = report.manifest.files
    for (index, file) in files.enumerated().dropFirst(partitions.files) {
      let gzip = try GzipReader()
      var rows = InventoryRows(columns: report.manifest.columns)
      var digest = MD5()
      try await report.store.forEachPart(of: file.key) { part in
        digest.update(part)
        var full: Set<Int> = []
        try gzip.read(part) { bytes in
          try rows.read(bytes) { if let number = partitions.add($0) { full.insert(number) } }
        }
        for number in full { try await partitions.write(number) }
      }
      try gzip.finish()
      try rows.finish { _ = partitions.add($0) }
      guard digest.finalized().hex == file.md5 else {
        throw Problem(
          "an inventory file is not the one of its manifest", on: file.key,
          because: "its MD5 is another", fix: "Wait for the next report.")
      }
      try await partitions.save(files: index + 1)
      try await mark(
        "\(index + 1) of \(files.count) files of \(report.manifest.sourceBucket) read")
    }
  }
}

extension ComparisonProgress {
  /// The same counts and list, for another part of the buckets.
  fileprivate var beginningAgain: ComparisonProgress {
    var next = ComparisonProgress()
    next.tally = tally
    next.findingsLength = findingsLength
    return next
  }
}
