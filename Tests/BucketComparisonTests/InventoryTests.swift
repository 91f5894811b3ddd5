import Compression
import Cryptography
import Foundation
import Platform
import StrictJSON
import Synchronization
import Testing

@testable import BucketComparison

@Suite struct InventoryTests {
  /// A report in memory, which may break off once.
  private final class Store: InventoryStore {
    struct BrokenOff: Error {}

    let files: [String: [UInt8]]
    private let state = Mutex<(read: [String], breaking: String?)>(([], nil))

    init(files: [String: [UInt8]]) { self.files = files }

    var read: [String] { state.withLock { $0.read } }

    func breakOff(at key: String) { state.withLock { $0.breaking = key } }

    func forEachPart(of key: String, _ body: ([UInt8]) async throws -> Void) async throws {
      let isBreaking = state.withLock { state in
        state.read.append(key)
        defer { if state.breaking == key { state.breaking = nil } }
        return state.breaking == key
      }
      let bytes = files[key] ?? []
      if isBreaking {
        try await body(Array(bytes.prefix(bytes.count / 2)))
        throw BrokenOff()
      }
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

  private static let columns = [
    "Bucket", "Key", "Size", "LastModifiedDate", "ETag", "StorageClass",
  ]

  /// A report of as many files as there are lists of rows.
  private func report(
    _ files: [[String]], damaged: Bool = false, further: [String] = []
  ) throws -> (report: InventoryReport, store: Store) {
    var contents: [String: [UInt8]] = [:]
    var rows: [String] = []
    for (index, lines) in files.enumerated() {
      var file = try gzip(lines.map { $0 + "\n" }.joined())
      let (key, sum) = ("data/\(index).csv.gz", Self.md5(file))
      if damaged { file[file.count / 2] ^= 1 }
      contents[key] = file
      rows.append(#"{"key": "\#(key)", "size": 9000000, "MD5checksum": "\#(sum)"}"#)
    }
    let manifest = Array(
      """
      {"sourceBucket": "source", "destinationBucket": "arn:aws:s3:::reports", "version": "2016-11-30",
      "creationTimestamp": "1790000000000", "fileFormat": "CSV",
      "fileSchema": "\((Self.columns + further).joined(separator: ", "))",
      "files": [\(rows.joined(separator: ","))]}
      """.utf8)
    let store = Store(files: contents)
    return (
      InventoryReport(
        try InventoryManifest(
          manifest, checksum: Array((Self.md5(manifest) + "\n").utf8), name: "m"), in: store),
      store
    )
  }

  private func row(_ key: String, size: Int = 1, etag: String = "e", further: String...) -> String {
    let fields = ["b", key, "\(size)", "2026-01-01T00:00:00.000Z", etag, "STANDARD"] + further
    return fields.map { "\"\($0)\"" }.joined(separator: ",")
  }

  private func comparison(_ source: InventoryReport, _ replica: InventoryReport)
    -> InventoryComparison
  {
    InventoryComparison(
      source: source, replica: replica,
      judge: Judge(
        rules: nil, maximumLag: .seconds(900), replicatedSince: nil, etagsAreComparable: true,
        listedAt: source.manifest.createdAt),
      examiner: nil, time: TestTime(step: .seconds(10)))
  }

  /// Runs `body` with a folder of its own, and the path of a list in it.
  private func inFolder(_ body: (_ folder: String, _ list: String) async throws -> Void)
    async throws
  {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try await body(folder.appending(path: "work").path, folder.appending(path: "list.zst").path)
  }

  private func keys(in list: String) async throws -> [String] {
    let keys = Mutex([String]())
    try await FindingsList(list).forEach { lines in
      keys.withLock { $0 += lines.compactMap { $0["key"]?.stringValue } }
    }
    return keys.withLock { $0.sorted() }
  }

  @Test func reportsInNoOrderAreCompared() async throws {
    let all = (0..<3_000).map { "k%20+\($0)" }
    let source = try report([all.shuffled().map { row($0) }]).report
    let replica = try report([
      all.shuffled().filter { $0 != "k%20+7" }.map { row($0, size: $0 == "k%20+9" ? 2 : 1) }
    ]).report
    try await inFolder { folder, list in
      let tally = try await comparison(source, replica).run(
        from: InventoryProgress(), folder: folder, findings: list, mark: { _, _ in }
      ).tally
      #expect(tally.sourceObjects == 3_000)
      #expect(tally.same == 2_998)
      #expect(tally.differences == ["missing": 1, "different": 1])
      #expect(try await keys(in: list) == ["k  7", "k  9"])
      InventoryComparison.remove(folder)
      #expect(!FileManager.default.fileExists(atPath: folder))
    }
  }

  /// Whichever file it breaks off at, what was read before is not read again, and the end is the same.
  @Test(arguments: 0..<8) func aComparisonThatBreaksOffGoesOnWithTheFileItWasAt(at file: Int)
    async throws
  {
    let parts = (0..<4).map { part in (0..<500).map { "k\($0 * 4 + part)" } }
    let (source, sourceStore) = try report(parts.map { $0.map { row($0) } })
    let (replica, replicaStore) = try report(
      parts.map { part in part.filter { $0 != "k77" && $0 != "k1500" }.map { row($0) } })
    let names = (0..<4).map { "data/\($0).csv.gz" }
    (file < 4 ? sourceStore : replicaStore).breakOff(at: names[file % 4])
    try await inFolder { folder, list in
      let marks = Mutex([InventoryProgress()])
      let run = {
        try await comparison(source, replica).run(
          from: marks.withLock { $0.last ?? InventoryProgress() }, folder: folder, findings: list,
          mark: { progress, _ in marks.withLock { $0.append(progress) } })
      }
      await #expect(throws: Store.BrokenOff.self) { _ = try await run() }
      let tally = try await run().tally
      #expect(sourceStore.read == (file < 4 ? Array(names[...file]) + names[file...] : names))
      #expect(
        replicaStore.read == (file < 4 ? names : Array(names[...(file - 4)]) + names[(file - 4)...])
      )
      #expect(tally.sourceObjects == 2_000)
      #expect(tally.same == 1_998)
      #expect(try await keys(in: list) == ["k1500", "k77"])
      // From every mark the rest gives the same.
      for mark in marks.withLock({ $0 }) {
        let again = try await comparison(source, replica).run(
          from: mark, folder: folder, findings: list, mark: { _, _ in })
        #expect(again.tally.same == 1_998)
        #expect(try await keys(in: list) == ["k1500", "k77"])
      }
    }
  }

  /// For all objects, not only for those that are looked up.
  @Test func statusesAndEncryptionAreReadFromTheReport() async throws {
    let columns = ["ReplicationStatus", "EncryptionStatus"]
    let statuses = ["FAILED", "PENDING", "COMPLETED", "REPLICA", ""]
    let source = try report(
      [
        statuses.map { row("missing/\($0)", further: $0, "SSE-S3") }
          + ["SSE-KMS", "DSSE-KMS", "SSE-C", "SSE-S3", "NOT-SSE"].map {
            row("same/\($0)", etag: "s", further: "COMPLETED", $0)
          }
      ], further: columns
    ).report
    let replica = try report(
      [
        ["SSE-KMS", "DSSE-KMS", "SSE-C", "SSE-S3", "NOT-SSE"].map {
          row("same/\($0)", etag: "r", further: "REPLICA", $0)
        }
      ], further: columns
    ).report
    try await inFolder { folder, list in
      let tally = try await comparison(source, replica).run(
        from: InventoryProgress(), folder: folder, findings: list, mark: { _, _ in }
      ).tally
      #expect(
        tally.differences == ["failed": 1, "missing": 2, "never_eligible": 2, "different": 2])
      #expect(tally.same == 3)
      #expect(tally.sameBySize == 3)
      let reasons = Mutex([String: String]())
      try await FindingsList(list).forEach { lines in
        for line in lines {
          reasons.withLock {
            $0[line["key"]?.stringValue ?? ""] = line["reason"]?.stringValue
          }
        }
      }
      let told = reasons.withLock { $0 }
      #expect(told["missing/PENDING"]?.hasSuffix("its replication is pending") == true)
      #expect(told["missing/COMPLETED"]?.hasSuffix("although it was replicated") == true)
    }
  }

  @Test func aDamagedFileIsRefused() async throws {
    let rows = (0..<500).map { row("k\($0)") }
    let whole = try report([rows]).report
    let damaged = try report([rows], damaged: true).report
    try await inFolder { folder, list in
      await #expect(throws: Problem.self) {
        _ = try await comparison(whole, damaged).run(
          from: InventoryProgress(), folder: folder, findings: list, mark: { _, _ in })
      }
    }
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
