import Compression
import Cryptography
import Foundation
import Platform
import StrictJSON
import Synchronization
import Testing

@testable import BucketComparison

@Suite struct InventoryTests {
  /// A report in memory.
  private struct Store: InventoryStore {
    var files: [String: [UInt8]]

    func file(_ key: String) async throws -> [UInt8] { files[key] ?? [] }

    func forEachPart(of key: String, _ body: ([UInt8]) async throws -> Void) async throws {
      let bytes = files[key] ?? []
      for start in stride(from: 0, to: bytes.count, by: 777) {
        try await body(Array(bytes[start..<min(start + 777, bytes.count)]))
      }
    }
  }

  private static func md5(_ bytes: [UInt8]) -> String {
    var digest = MD5()
    digest.update(bytes)
    return digest.finalized().hex
  }

  /// Compresses with the system's gzip, which the product does not need to do.
  private func gzip(_ text: String) throws -> [UInt8] {
    let process = Process()
    process.executableURL = URL(filePath: "/bin/gzip")
    process.arguments = ["-c"]
    let (input, output) = (Pipe(), Pipe())
    process.standardInput = input
    process.standardOutput = output
    try process.run()
    try input.fileHandleForWriting.write(contentsOf: Data(text.utf8))
    try input.fileHandleForWriting.close()
    let bytes = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return [UInt8](bytes)
  }

  private func report(
    _ rows: [String], damaged: Bool = false
  ) throws -> (manifest: InventoryManifest, store: any InventoryStore) {
    var file = try gzip(rows.map { $0 + "\n" }.joined())
    let sum = Self.md5(file)
    if damaged { file[file.count / 2] ^= 1 }
    let manifest = Array(
      """
      {"sourceBucket": "source", "destinationBucket": "arn:aws:s3:::reports", "version": "2016-11-30",
      "creationTimestamp": "1790000000000", "fileFormat": "CSV",
      "fileSchema": "Bucket, Key, Size, LastModifiedDate, ETag, StorageClass",
      "files": [{"key": "data/1.csv.gz", "size": 9000000, "MD5checksum": "\(sum)"}]}
      """.utf8)
    return (
      try InventoryManifest(manifest, checksum: Array((Self.md5(manifest) + "\n").utf8), name: "m"),
      Store(files: ["data/1.csv.gz": file])
    )
  }

  private func row(_ key: String, size: Int = 1) -> String {
    "\"b\",\"\(key)\",\"\(size)\",\"2026-01-01T00:00:00.000Z\",\"e\",\"STANDARD\""
  }

  private func compare(
    _ source: (manifest: InventoryManifest, store: any InventoryStore),
    _ replica: (manifest: InventoryManifest, store: any InventoryStore)
  ) async throws -> (ComparisonTally, keys: Set<String>, leftovers: [String]) {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let list = folder.appending(path: "list.zst").path
    let comparison = InventoryComparison(
      source: "source", replica: "replica", examiner: nil, time: TestTime()
    ) { listedAt in
      Judge(
        rules: nil, maximumLag: .seconds(900), replicatedSince: nil, etagsAreComparable: true,
        listedAt: listedAt)
    }
    let done = try await comparison.run(
      source: source, replica: replica, folder: folder.path, findings: list, mark: { _ in })
    let keys = Mutex(Set<String>())
    try await FindingsList(list).forEach { lines in
      keys.withLock { $0.formUnion(lines.compactMap { $0["key"]?.stringValue }) }
    }
    return (
      done.tally, keys.withLock { $0 },
      try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    )
  }

  @Test func reportsInNoOrderAreCompared() async throws {
    let keys = (0..<3_000).map { "k%20+\($0)" }
    let source = try report(keys.shuffled().map { row($0) })
    let replica = try report(
      keys.shuffled().filter { $0 != "k%20+7" }.map { row($0, size: $0 == "k%20+9" ? 2 : 1) })
    let (tally, found, leftovers) = try await compare(source, replica)
    #expect(tally.sourceObjects == 3_000)
    #expect(tally.same == 2_998)
    #expect(tally.differences == ["missing": 1, "different": 1])
    #expect(found == ["k  7", "k  9"])
    #expect(leftovers == ["list.zst"])
  }

  @Test func aDamagedFileIsRefused() async throws {
    let rows = (0..<500).map { row("k\($0)") }
    let whole = try report(rows)
    let damaged = try report(rows, damaged: true)
    await #expect(throws: Problem.self) { _ = try await compare(whole, damaged) }
  }

  @Test func aManifestMustBeTheOneOfItsChecksum() throws {
    let bytes = Array("{}".utf8)
    #expect(throws: Problem.self) {
      try InventoryManifest(bytes, checksum: Array(Self.md5([1]).utf8), name: "m")
    }
    #expect(throws: Problem.self) {
      try InventoryManifest(bytes, checksum: Array(Self.md5(bytes).utf8), name: "m")
    }
  }

  @Test func quotedFieldsHoldAnything() {
    #expect(
      InventoryRows.fields(Array(#""a","b,c","say ""hi""","",d"#.utf8)).map {
        String(decoding: $0, as: UTF8.self)
      } == ["a", "b,c", #"say "hi""#, "", "d"])
  }

  /// RFC 1321, appendix A.5.
  @Test(arguments: [
    ("", "d41d8cd98f00b204e9800998ecf8427e"), ("abc", "900150983cd24fb0d6963f7d28e17f72"),
    (
      "12345678901234567890123456789012345678901234567890123456789012345678901234567890",
      "57edf4a22be3c955ac49da2e2107b67a"
    ),
  ]) func digestsAreThoseOfTheStandard(text: String, digest: String) {
    #expect(Self.md5(Array(text.utf8)) == digest)
    var parts = MD5()
    for byte in text.utf8 { parts.update([byte]) }
    #expect(parts.finalized().hex == digest)
  }
}
