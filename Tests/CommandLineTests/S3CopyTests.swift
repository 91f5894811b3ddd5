import Foundation
import Testing

/// Copies between buckets: of large objects, of what S3 refuses, and over what is there already.
extension S3DrillTests {
  private static let (from, to, west) = ("mosaic-media-dr", "mosaic-media-restored", "us-west-2")

  /// A plan that fills the target with ten objects.
  private func rehydration() throws -> String {
    try plan(["repair: copy": "rehydrate: {target: \(Self.to), prefixes: [media/000]}"])
  }

  /// Makes an object of ten look large.
  private func pretend(_ fields: [String: String]) throws {
    try lab("pretend", ["objects": ["\(Self.from)/media/0003.jpg": fields]])
  }

  private func uploads() throws -> [[String: Any]] {
    try #require(try lab("uploads")["uploads"] as? [[String: Any]])
  }

  /// The numbers of the parts that were asked for, in order of time.
  private func requestedParts() throws -> [Int] {
    try #require(try lab("requests")["requests"] as? [[String: Any]]).compactMap { request in
      let query = request["query"] as? [String: String]
      return request["method"] as? String == "PUT" ? query?["partNumber"].flatMap { Int($0) } : nil
    }
  }

  /// Parts cover it without gap or overlap. What is stored with it S3 copies by itself only in one call.
  @Test func aLargeObjectIsCopiedInParts() throws {
    let size = 6 << 30
    try pretend([
      "Content-Length": "\(size)", "Content-Type": "image/huge", "Cache-Control": "max-age=9",
      "x-amz-meta-owner": "ada",
    ])
    // The largest that one call takes, too slow for one.
    try lab(
      "pretend",
      ["objects": ["\(Self.from)/media/0005.jpg": ["Content-Length": "\(300 << 20)"]]])
    try lab(
      "tag",
      [
        "region": Self.west, "bucket": Self.from, "key": "media/0003.jpg",
        "tags": ["kind": "a b+c"],
      ])
    let restore = try tool.run("restore", "--plan", try rehydration(), "--yes")
    #expect(restore.output.contains("10 the same"), "\(restore.output)\(restore.errors)")
    let uploads = try uploads()
    #expect(
      Set(uploads.compactMap { $0["key"] as? String }) == ["media/0003.jpg", "media/0005.jpg"])
    #expect(uploads.count == 2 && uploads.allSatisfy { $0["state"] as? String == "complete" })
    let upload = try #require(uploads.first { $0["key"] as? String == "media/0003.jpg" })
    let stored = try #require(upload["headers"] as? [String: String])
    for (name, value) in [
      ("content-type", "image/huge"), ("cache-control", "max-age=9"), ("x-amz-meta-owner", "ada"),
      ("x-amz-tagging", "kind=a%20b%2Bc"),
    ] {
      #expect(stored[name] == value, "\(name): \(stored)")
    }
    let parts = try #require(upload["parts"] as? [[String: Any]])
    try #require(parts.count > 1 && parts.count <= 10_000)
    let ranges = parts.compactMap { part -> Range<Int>? in
      guard let from = part["from"] as? Int, let to = part["to"] as? Int else { return nil }
      return from..<to + 1
    }
    #expect(parts.map { $0["number"] as? Int } == Array(1...parts.count))
    #expect(ranges.first?.lowerBound == 0 && ranges.last?.upperBound == size)
    #expect(zip(ranges, ranges.dropFirst()).allSatisfy { $0.upperBound == $1.lowerBound })
    #expect(ranges.dropLast().allSatisfy { (5 << 20...200 << 20).contains($0.count) })
    let undeclared = try tool.undeclared(
      "--plan", try rehydration(), "--mode", "restore", expected: 2)
    #expect(undeclared == [])
  }

  /// The object itself tells whether the parts were put together: nothing is copied twice.
  @Test(arguments: ["lost", "unheard"])
  func aLostAnswerIsNoReasonToCopyALargeObjectAgain(kind: String) throws {
    try pretend(["Content-Length": "\(1 << 30)"])
    let fault: [String: Any] = [
      "kind": kind, "path": "restored/media/0003", "method": "POST", "query": "uploadId",
      "count": 1,
    ]
    try lab("faults", ["faults": [fault]])
    let restore = try tool.run("restore", "--plan", try rehydration(), "--yes")
    #expect([0, 3].contains(restore.status), "\(restore.output)\(restore.errors)")
    #expect(restore.output.contains("10 the same"), "\(restore.output)\(restore.errors)")
    #expect(try uploads().map { $0["state"] as? String } == ["complete"])
  }

  /// The original is replaced in the middle: a copy has parts of one object alone.
  @Test func aCopyInPartsIsOfOneObject() throws {
    try pretend(["Content-Length": "\(4 << 30)"])
    try lab("slow", ["path": "restored/media/0003", "seconds": 0.5])
    let (process, output, errors) = try tool.start(
      ["restore", "--plan", try rehydration(), "--yes"])
    try awaitParts(9, process)
    try lab(
      "put",
      [
        "keys": ["media/0003.jpg"], "content": "of today", "region": Self.west,
        "bucket": Self.from,
      ])
    defer { _ = try? lab("put", original) }
    process.waitUntilExit()
    let text =
      try String(contentsOf: output, encoding: .utf8) + String(contentsOf: errors, encoding: .utf8)
    #expect(text.contains("10 the same"), "\(text)")
    #expect(
      try uploads().compactMap { $0["state"] as? String }.sorted() == ["aborted", "complete"])
  }

  /// What the replica has under the key, so that later tests find it in step.
  private var original: [String: Any] {
    [
      "keys": ["media/0003.jpg"], "region": Self.west, "bucket": Self.from,
    ]
  }

  /// Waits until so many parts have come.
  private func awaitParts(_ count: Int, _ process: Process) throws {
    var copied = 0
    while process.isRunning, copied < count {
      copied = (try uploads().first?["parts"] as? [Any])?.count ?? 0
    }
  }

  @Test func aCopyInPartsGoesOnAfterACrash() throws {
    try pretend(["Content-Length": "\(4 << 30)"])
    try lab("slow", ["path": "restored/media/0003", "seconds": 1])
    let (process, _, _) = try tool.start(["restore", "--plan", try rehydration(), "--yes"])
    try awaitParts(9, process)
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    try lab("slow")
    Thread.sleep(forTimeInterval: 1.5)
    let done = (try uploads().first?["parts"] as? [[String: Any]] ?? []).compactMap {
      $0["number"] as? Int
    }
    #expect(done.count >= 9 && done.count < 32)
    _ = try requestedParts()
    let resumed = try tool.run("resume", try #require(try tool.runs().first))
    #expect(resumed.output.contains("10 the same"), "\(resumed.output)\(resumed.errors)")
    #expect(try uploads().map { $0["state"] as? String } == ["complete"])
    #expect(try Set(requestedParts()).isDisjoint(with: done))
  }

  /// What is uploaded costs money: it is given up although the run is being laid down.
  @Test func aCopyInPartsThatIsInterruptedLeavesNothing() throws {
    try pretend(["Content-Length": "\(4 << 30)"])
    try lab("slow", ["path": "restored/media/0003", "seconds": 1])
    let (process, _, errors) = try tool.start(["restore", "--plan", try rehydration(), "--yes"])
    try awaitParts(9, process)
    kill(process.processIdentifier, SIGINT)
    process.waitUntilExit()
    let text = try String(contentsOf: errors, encoding: .utf8)
    #expect(process.terminationStatus == 130, "\(text)")
    try lab("slow")
    #expect(try uploads().map { $0["state"] as? String } == ["aborted"])
    let resumed = try tool.run("resume", try #require(try tool.runs().first))
    #expect(resumed.output.contains("10 the same"), "\(resumed.output)\(resumed.errors)")
    #expect(
      try uploads().compactMap { $0["state"] as? String }.sorted() == ["aborted", "complete"])
  }

  /// One archived or closed object is no reason to leave the others behind, nor is it forgotten.
  @Test func anObjectThatIsRefusedDoesNotEndTheRest() throws {
    try lab(
      "faults",
      [
        "faults": [
          ["kind": "archived", "path": "restored/media/0003", "method": "PUT", "count": -1],
          ["kind": "denied", "path": "media-dr/media/0007", "method": "HEAD", "count": -1],
          ["kind": "denied", "path": "restored/media/0007", "method": "PUT", "count": -1],
        ]
      ])
    let restore = try tool.run("restore", "--plan", try rehydration(), "--yes")
    #expect(restore.status == 4, "\(restore.output)")
    for words in [
      "2 objects could not be copied", "'media/0003.jpg': InvalidObjectState",
      "'media/0007.jpg': AccessDenied",
    ] {
      #expect(restore.errors.contains(words), "\(words): \(restore.errors)")
    }
    let run = try #require(try tool.runs().first)
    let shown = try tool.run("show", run).output
    for words in ["aws s3api restore-object", "Allow s3:PutObject", "retry the step then"] {
      #expect(shown.contains(words), "\(words): \(shown)")
    }
    let copied = try lab.keys(Self.to, Self.west)
    #expect(copied.count == 8)
    #expect(!copied.contains("media/0003.jpg") && !copied.contains("media/0007.jpg"))

    try lab("faults", ["faults": [] as [Any]])
    let retry = try tool.run("retry", run, "media.rehydrate")
    #expect(retry.status == 0, "\(retry.errors)")
    let resumed = try tool.run("resume", run)
    #expect(resumed.output.contains("10 the same"), "\(resumed.output)\(resumed.errors)")
    #expect(try lab.keys(Self.to, Self.west).count == 10)
  }

  /// Somebody writes to the target while it is filled: the newer object stays.
  @Test func aCopyDoesNotOverwriteWhatCameMeanwhile() throws {
    let late = ["media/0004.jpg"]
    try lab("slow", ["path": "restored/media/0004", "seconds": 3])
    let (process, output, errors) = try tool.start(
      ["restore", "--plan", try rehydration(), "--yes"])
    var isAsked = false
    while process.isRunning, !isAsked {
      isAsked = try #require(try lab("requests")["requests"] as? [[String: Any]]).contains {
        $0["method"] as? String == "PUT" && ($0["path"] as? String)?.contains(late[0]) == true
      }
    }
    try lab("put", ["keys": late, "content": "of today", "region": Self.west, "bucket": Self.to])
    try lab("slow")
    process.waitUntilExit()
    let text =
      try String(contentsOf: output, encoding: .utf8) + String(contentsOf: errors, encoding: .utf8)
    #expect(process.terminationStatus == 4, "\(text)")
    let stored = try #require(
      try lab("content", ["region": Self.west, "bucket": Self.to, "key": late[0]])["content"]
        as? String)
    #expect(stored == "of today", "\(text)")
    #expect(text.contains("keeps what it has newer by now: 1 of what it lacked"), "\(text)")
  }

  /// What nobody can read is not brought back, and not passed over either.
  @Test func archivedObjectsFailARehydrationByName() throws {
    try pretend(["x-amz-storage-class": "DEEP_ARCHIVE"])
    let restore = try tool.run("restore", "--plan", try rehydration(), "--yes")
    #expect(restore.status == 4, "\(restore.output)")
    let shown = try tool.run("show", try #require(try tool.runs().first)).output
    for words in ["1 archived", "archived: 'media/0003.jpg'", "aws s3api restore-object"] {
      #expect(shown.contains(words), "\(words): \(shown)")
    }
    #expect(try lab.keys(Self.to, Self.west).count == 9)
  }
}
