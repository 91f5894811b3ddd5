import Compression
import Cryptography
public import Platform

/// Where the files of an inventory report are read.
public protocol InventoryStore: Sendable {
  /// A small file, whole.
  func file(_ key: String) async throws -> [UInt8]
  /// Hands a large file on, part by part.
  func forEachPart(of key: String, _ body: ([UInt8]) async throws -> Void) async throws
}

/// Compares two buckets by their S3 Inventory reports in place of listings: for billions of objects.
///
/// Both reports are streamed once into files on this machine, then compared share by share, each of
/// which fits in memory. A report is a picture that was taken over hours: what changed since it was begun
/// counts as in flight.
public struct InventoryComparison: Sendable {
  /// About how many bytes of compressed reports make a share.
  static let shareSize: Int64 = 2 << 20
  /// How many shares there are at most.
  static let maximumShares = 4_000

  private let sourceName: String
  private let replicaName: String
  private let judge: @Sendable (_ listedAt: Timestamp) -> Judge
  private let examiner: (any ObjectExaminer)?
  private let time: any TimeSource

  /// Creates a comparison; nothing is read yet.
  ///
  /// - Parameter judge: makes the judge for reports of which the older was begun at the moment given.
  public init(
    source: String, replica: String, examiner: (any ObjectExaminer)?, time: any TimeSource,
    judge: @escaping @Sendable (_ listedAt: Timestamp) -> Judge
  ) {
    sourceName = source
    replicaName = replica
    self.judge = judge
    self.examiner = examiner
    self.time = time
  }

  /// Compares the reports.
  ///
  /// - Parameters:
  ///   - source: the manifest of the source's report, and where its files are.
  ///   - folder: an empty folder for as many bytes as the reports hold uncompressed; emptied again.
  ///   - path: where the list of findings is written.
  ///   - mark: told how far it has come after each share.
  /// - Throws: `Problem` when a file is damaged; whatever the stores throw.
  public func run(
    source: (manifest: InventoryManifest, store: any InventoryStore),
    replica: (manifest: InventoryManifest, store: any InventoryStore),
    folder: String, findings path: String?,
    mark: @escaping @Sendable (ComparisonTally) async throws -> Void
  ) async throws -> ComparisonProgress {
    let sides = [source, replica]
    let size = sides.flatMap(\.manifest.files).reduce(0) { $0 + $1.size }
    let shares = Int(min(max(size / Self.shareSize, 1), Int64(Self.maximumShares)))
    let folders = ["source", "replica"].map { "\(folder)/\($0)" }
    defer { for folder in folders { DurableFile.removeFolder(folder) } }
    for (side, folder) in zip(sides, folders) {
      try DurableFile.makeFolder(folder, mode: 0o700)
      try await spread(side.manifest, side.store, over: shares, in: folder)
    }
    let listedAt = min(source.manifest.createdAt, replica.manifest.createdAt)
    var progress = ComparisonProgress()
    for share in 0..<shares {
      let comparison = BucketComparison(
        source: PartitionListing(
          name: sourceName, rows: try await Partitions.read(folders[0], share)),
        replica: PartitionListing(
          name: replicaName, rows: try await Partitions.read(folders[1], share)),
        judge: judge(listedAt), examiner: examiner, options: .init(parallel: 1), time: time)
      let done = try await comparison.run(
        from: progress.beginningAgain, findings: path, mark: { _ in })
      progress = done
      try await mark(done.tally)
    }
    return progress
  }

  private func spread(
    _ manifest: InventoryManifest, _ store: any InventoryStore, over shares: Int,
    in folder: String
  ) async throws {
    let partitions = Partitions(shares, in: folder)
    for file in manifest.files {
      let gzip = try GzipReader()
      var rows = InventoryRows(columns: manifest.columns)
      var digest = MD5()
      try await store.forEachPart(of: file.key) { part in
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
    }
    try await partitions.writeAll()
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
