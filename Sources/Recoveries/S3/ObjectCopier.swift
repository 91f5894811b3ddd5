import AWSClient
import BucketComparison
import Platform
import RunEngine

/// Copies objects between buckets within S3: content, metadata and tags, and looks at what came of it.
struct ObjectCopier: Sendable {
  /// The size of a part of an object that is too large for one call, unless that makes too many parts (API
  /// Reference: 5 MiB to 5 GiB).
  static let partSize: Int64 = 512 << 20
  /// The most parts that an object has.
  static let maximumParts: Int64 = 10_000

  let from: S3Side
  let to: S3Side

  /// The calls that copying makes.
  var calls: [PlannedCall] {
    let source = S3ObjectName(bucket: from.bucket, key: "<key>", version: "<version>")
    let (bucket, key) = (to.bucket, "<key>")
    return [
      to.plan(CopyObject(source, to: bucket, key: key), copyingFrom: from),
      from.plan(GetObjectTagging(source)),
      to.plan(CreateMultipartUpload(bucket: bucket, key: key)),
      to.plan(
        UploadPartCopy(
          source, range: 0..<Self.partSize, to: bucket, key: key, upload: "<upload>", part: 1),
        copyingFrom: from),
      to.plan(
        CompleteMultipartUpload(bucket: bucket, key: key, upload: "<upload>", parts: [])),
      to.aws.plan(AbortMultipartUpload(bucket: bucket, key: key, upload: "<upload>")),
      to.plan(HeadObject(bucket: bucket, key: key)),
      from.plan(HeadObject(bucket: from.bucket, key: key)),
    ]
  }

  /// Copies the current version of an object, unless it is there already.
  ///
  /// - Returns: how many bytes were copied; nil when there was nothing to copy any more.
  /// - Throws: when the copy fails, or has another size than the original.
  func copy(_ key: String, _ context: StepContext) async throws -> Int64? {
    guard let original = try await from.head(key, context) else { return nil }
    if let there = try await to.head(key, context), there.size == original.size,
      there.etag == original.etag
    {
      return nil
    }
    let source = S3ObjectName(
      bucket: from.bucket, key: key,
      version: original.version == "null" ? nil : original.version)
    if original.size <= CopyObject.maximumSize {
      _ = try await to.aws.send(CopyObject(source, to: to.bucket, key: key), context)
    } else {
      try await copyInParts(source, original, key, context)
    }
    guard let made = try await to.head(key, context), made.size == original.size else {
      throw Problem(
        "a copy is not what was copied", on: "\(key) in \(to.name)",
        because: "it is gone, or its size is not \(original.size)",
        fix: "Find out who else writes to the bucket, then retry the step.")
    }
    return original.size
  }

  private func copyInParts(
    _ source: S3ObjectName, _ original: S3ObjectHead, _ key: String, _ context: StepContext
  ) async throws {
    let size = original.size
    let part = max(Self.partSize, (size + Self.maximumParts - 1) / Self.maximumParts)
    let tags = try await from.aws.send(GetObjectTagging(source), context)
    let upload = try await to.aws.send(
      CreateMultipartUpload(
        bucket: to.bucket, key: key, metadata: original.metadata, tags: tags), context)
    do {
      var parts: [String] = []
      for start in stride(from: 0, to: size, by: Int64.Stride(part)) {
        parts.append(
          try await to.aws.send(
            UploadPartCopy(
              source, range: start..<min(start + part, size), to: to.bucket, key: key,
              upload: upload, part: parts.count + 1), context))
      }
      _ = try await to.aws.send(
        CompleteMultipartUpload(bucket: to.bucket, key: key, upload: upload, parts: parts),
        context)
    } catch {
      // What was uploaded costs money until it is given up; should that fail too, a lifecycle rule
      // for incomplete uploads does it.
      try? await to.aws.send(
        AbortMultipartUpload(bucket: to.bucket, key: key, upload: upload), context)
      throw error
    }
  }
}
