import AWSClient
import Platform
import RunEngine

/// A copy in parts that is under way: what has to be known to go on with it, or to give it up.
struct OpenUpload: Codable, Sendable, Equatable {
  let key: String
  let upload: String
  /// The original: its ETag, its version and its size.
  let etag: String
  let version: String?
  let size: Int64
  /// How large each part is but the last.
  let partSize: Int64

  enum CodingKeys: String, CodingKey {
    case key, upload, etag, version, size
    case partSize = "part_size"
  }

  /// Whether it is a copy of just that object.
  func isCopy(of original: S3ObjectHead) -> Bool {
    etag == original.etag && version == original.version && size == original.size
  }

  /// The ranges of the parts, in order.
  var ranges: [Range<Int64>] {
    stride(from: 0, to: size, by: Int64.Stride(partSize)).map { $0..<min($0 + partSize, size) }
  }
}

/// Copies one object in parts, side by side.
struct PartsCopier: Sendable {
  /// The largest object that is copied by one call, in bytes.
  static let wholeUpTo: Int64 = 128 << 20
  /// The size of a part, unless that makes too many (API Reference: 5 MiB to 5 GiB).
  static let partSize: Int64 = 128 << 20
  /// The most parts that an object has.
  private static let maximumParts: Int64 = 10_000
  /// How many parts are copied at the same time.
  private static let width = 8
  /// How often the parts are put together when the answer is lost.
  private static let maximumCompletions = 6
  /// How often an upload is given up whose parts were still coming.
  private static let maximumAborts = 3

  let from: S3Side
  let to: S3Side
  let key: String
  /// Where the upload is noted before its first part comes: an upload without parts costs nothing.
  let uploads: CopyLedger
  let context: StepContext

  /// Copies an object, going on with the upload of an earlier process.
  ///
  /// - Throws: what a call throws. What was uploaded is given up, unless the next try may go on with it.
  func copy(
    _ original: S3ObjectHead, _ source: CopySource, onto condition: WriteCondition
  ) async throws {
    let (upload, done) = try await open(original, source)
    do {
      let etags = try await copyParts(of: upload, source, done)
      try await complete(upload, etags, onto: condition)
    } catch {
      let isLaidDown = error is CancellationError || Task.isCancelled
      if isLaidDown || Faults.classify(error) == .refused { await giveUp(upload) }
      throw error
    }
    await uploads.close(upload)
  }

  /// Gives up what an earlier process has begun.
  func giveUpAny() async {
    if let known = await uploads.upload(of: key) { await giveUp(known) }
  }

  private func open(
    _ original: S3ObjectHead, _ source: CopySource
  ) async throws -> (upload: OpenUpload, done: [Int: String]) {
    if let known = await uploads.upload(of: key) {
      if known.isCopy(of: original), let done = try await parts(of: known) { return (known, done) }
      await giveUp(known)
    }
    let tags = try await from.aws.send(GetObjectTagging(source.object), context)
    let name = try await to.aws.send(
      CreateMultipartUpload(
        bucket: to.bucket, key: key, metadata: original.metadata, tags: tags), context)
    let parts = (original.size + Self.maximumParts - 1) / Self.maximumParts
    let upload = OpenUpload(
      key: key, upload: name, etag: original.etag, version: original.version, size: original.size,
      partSize: max(Self.partSize, parts))
    do {
      try await uploads.open(upload)
    } catch {
      await giveUp(upload)
      throw error
    }
    return (upload, [:])
  }

  /// The ETags of the parts that are whole; nil when there is no such upload any more.
  private func parts(of upload: OpenUpload) async throws -> [Int: String]? {
    let ranges = upload.ranges
    var found: [Int: String] = [:]
    var marker = 0
    for _ in 0..<Self.maximumParts {
      let page = try await to.found(
        ListParts(bucket: to.bucket, key: key, upload: upload.upload, after: marker),
        absentWhen: ["NoSuchUpload"], context)
      guard let page else { return nil }
      for part in page.parts where ranges.indices.contains(part.number - 1) {
        if part.size == Int64(ranges[part.number - 1].count) { found[part.number] = part.etag }
      }
      guard page.hasMore, let last = page.parts.last?.number, last > marker else { break }
      marker = last
    }
    return found
  }

  private func copyParts(
    of upload: OpenUpload, _ source: CopySource, _ done: [Int: String]
  ) async throws -> [String] {
    try await Array(upload.ranges.enumerated()).concurrentMap(width: Self.width) { index, range in
      var etag = done[index + 1]
      if etag == nil {
        etag = try await to.aws.send(
          UploadPartCopy(
            source, range: range, to: to.bucket, key: key, upload: upload.upload, part: index + 1),
          context)
      }
      try await uploads.come(Int64(range.count), of: upload)
      return etag ?? ""
    }
  }

  /// Puts the parts together. When the answer is lost, the object itself tells whether that was done.
  private func complete(
    _ upload: OpenUpload, _ etags: [String], onto condition: WriteCondition
  ) async throws {
    let request = CompleteMultipartUpload(
      bucket: to.bucket, key: key, upload: upload.upload, parts: etags, onto: condition)
    for attempt in 1... {
      do {
        _ = try await to.aws.send(request, context)
        return
      } catch let error as AWSError where error.mayHaveTakenEffect || error.code == "NoSuchUpload" {
        let isMade = try await to.head(key, context).map {
          $0.size == upload.size && $0.etag.hasSuffix("-\(etags.count)")
            && condition != .replacing($0.etag)
        }
        if isMade == true { return }
        guard error.mayHaveTakenEffect, attempt < Self.maximumCompletions else { throw error }
        let pause = Double(1_000 << attempt) * (0.5 + context.random.unitInterval() / 2)
        try await context.time.sleep(for: .milliseconds(Int64(pause)))
      }
    }
  }

  /// What was uploaded costs money until it is given up. It is also in a run that is being laid down, so
  /// that it goes on in a task of its own, bounded by its calls.
  private func giveUp(_ upload: OpenUpload) async {
    await Task {
      let request = AbortMultipartUpload(bucket: to.bucket, key: key, upload: upload.upload)
      for _ in 0..<Self.maximumAborts {
        do {
          try await to.aws.send(request, context)
          // A part that was still being copied may have come behind it (API Reference,
          // "AbortMultipartUpload").
          if try await parts(of: upload) == nil { return await uploads.close(upload) }
        } catch let error as AWSError where error.code == "NoSuchUpload" {
          return await uploads.close(upload)
        } catch {}
        try? await context.time.sleep(for: .seconds(1))
      }
    }.value
  }
}
