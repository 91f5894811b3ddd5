import AWSClient
import BucketComparison
import Platform
import RunEngine

/// Copies objects between buckets within S3: content, metadata and tags, and looks at what came of it.
struct ObjectCopier: Sendable {
  /// How often an object is looked at that changes while it is copied.
  private static let maximumLooks = 4

  let from: S3Side
  let to: S3Side
  /// Whether what the target has gives way although it is not older, as in a mended replica that a person
  /// has agreed to.
  let replacesNewer: Bool

  /// The calls that copying makes.
  var calls: [PlannedCall] {
    let source = S3ObjectName(bucket: from.bucket, key: "<key>", version: "<version>")
    let (bucket, key) = (to.bucket, "<key>")
    return [
      to.plan(
        CopyObject(CopySource(source), to: bucket, key: key, onto: .absent), copyingFrom: from),
      from.plan(GetObjectTagging(source)),
      to.plan(CreateMultipartUpload(bucket: bucket, key: key)),
      to.plan(
        UploadPartCopy(
          CopySource(source), range: 0..<PartsCopier.partSize, to: bucket, key: key,
          upload: "<upload>", part: 1),
        copyingFrom: from),
      to.aws.plan(ListParts(bucket: bucket, key: key, upload: "<upload>")),
      to.plan(
        CompleteMultipartUpload(
          bucket: bucket, key: key, upload: "<upload>", parts: [], onto: .absent)),
      to.aws.plan(AbortMultipartUpload(bucket: bucket, key: key, upload: "<upload>")),
      to.plan(HeadObject(bucket: bucket, key: key)),
      from.plan(HeadObject(bucket: from.bucket, key: key)),
    ]
  }

  /// Copies the current version of an object, unless it is there already or the target has a newer one.
  ///
  /// - Parameter uploads: where copies in parts are noted that are under way.
  /// - Throws: ``UncopiedObject`` when the copy is not what was copied; whatever a call throws.
  func copy(
    _ order: CopyOrder, noting uploads: CopyLedger, _ context: StepContext
  ) async throws -> CopyOutcome {
    let parts = PartsCopier(from: from, to: to, key: order.key, uploads: uploads, context: context)
    let first = try await copyUnseen(order, context)
    if let outcome = first.outcome { return outcome }
    var hasAsked = first.hasAsked
    for look in 0..<Self.maximumLooks {
      if look > 0 { try await context.time.sleep(for: Self.pause(look, context)) }
      guard let original = try await from.head(order.key, context) else {
        await parts.giveUpAny()
        return .unneeded
      }
      let there = try await to.head(order.key, context)
      if let there {
        let check = CopyCheck(original: original, copy: there)
        let isMine = check.isSame && hasAsked
        if check.isSame || (!replacesNewer && !check.copyIsOlder) {
          await parts.giveUpAny()
          return isMine ? .copied(original.size) : check.isSame ? .unneeded : .kept
        }
      }
      hasAsked = true
      do {
        try await make(original, in: there, parts, order.key, context)
      } catch let error as AWSError
        where Self.sayingThatThingsHaveChanged.contains(error.code ?? "")
      {
        continue
      }
      try await confirm(original, order.key, context)
      return .copied(original.size)
    }
    throw UncopiedObject(
      reason: "it changes again and again while it is copied",
      remedy: "Find out who else writes to \(from.name) and \(to.name).")
  }

  private static let sayingThatThingsHaveChanged: Set<String> = [
    WriteCondition.failure, WriteCondition.conflict, "NoSuchKey", "NoSuchVersion", "NoSuchUpload",
  ]

  private static func pause(_ look: Int, _ context: StepContext) -> Duration {
    .milliseconds(Int64(Double(1_000 << look) * (0.5 + context.random.unitInterval() / 2)))
  }

  /// A single call does for most of what is missing: it proves by itself that the original is what was
  /// listed, that nothing is overwritten, and, by the ETag, what came of it.
  private func copyUnseen(
    _ order: CopyOrder, _ context: StepContext
  ) async throws -> (outcome: CopyOutcome?, hasAsked: Bool) {
    guard order.isAbsent, let etag = order.etag, order.size <= PartsCopier.wholeUpTo else {
      return (nil, false)
    }
    let source = CopySource(S3ObjectName(bucket: from.bucket, key: order.key), etag: etag)
    do {
      let made = try await to.aws.send(
        CopyObject(source, to: to.bucket, key: order.key, onto: .absent), context)
      return (made == etag ? .copied(order.size) : nil, true)
    } catch let error as AWSError where Self.sayingThatThingsHaveChanged.contains(error.code ?? "")
    {
      return (nil, false)
    }
  }

  private func make(
    _ original: S3ObjectHead, in there: S3ObjectHead?, _ parts: PartsCopier, _ key: String,
    _ context: StepContext
  ) async throws {
    let condition = there.map { WriteCondition.replacing($0.etag) } ?? .absent
    let source = CopySource(
      S3ObjectName(
        bucket: from.bucket, key: key, version: original.version == "null" ? nil : original.version),
      etag: original.etag)
    guard original.size <= PartsCopier.wholeUpTo else {
      return try await parts.copy(original, source, onto: condition)
    }
    _ = try await to.aws.send(
      CopyObject(source, to: to.bucket, key: key, onto: condition), context)
  }

  private func confirm(
    _ original: S3ObjectHead, _ key: String, _ context: StepContext
  ) async throws {
    let made = try await to.head(key, context)
    if let made, CopyCheck(original: original, copy: made).isSame { return }
    throw UncopiedObject(
      reason: made == nil
        ? "the copy is gone" : "the copy has another size, checksum or ETag than the original",
      remedy: "Find out who else writes to \(to.name).")
  }
}
