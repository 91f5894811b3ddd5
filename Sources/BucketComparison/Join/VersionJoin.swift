import Platform

/// Joins two listings of versions key by key: a replica keeps the versions' identifiers (Developer
/// Guide, "What does Amazon S3 replicate"), but not necessarily their order.
enum VersionJoin {
  /// How many versions of one key are compared.
  static let maximumVersions = 100_000
  /// How many keys are joined before what was found is written down.
  static let keysAtOnce = 2_000

  /// As ``MergeJoin/join(_:_:upTo:into:)``; reads further pages by itself where a key needs them.
  ///
  /// - Parameter seen: the highest key that the worker has said it looks at: what is behind it may have been
  ///   given to another meanwhile.
  static func join(
    _ left: inout ListingCursor, _ right: inout ListingCursor, upTo bound: [UInt8]?,
    seen: [UInt8]?, into rows: inout JoinedRows
  ) async throws -> Bool {
    for _ in 0..<keysAtOnce {
      try await left.fill()
      try await right.fill()
      let keys = [left.currentKey, right.currentKey].compactMap { $0 }
      guard let key = keys.min(by: KeyOrder.isLess),
        bound.map({ !KeyOrder.isLess($0, key) }) ?? true
      else {
        rows.doneUpTo = bound
        return true
      }
      if let seen, KeyOrder.isLess(seen, key) { return false }
      let source = try await versions(of: key, &left)
      let replica = try await versions(of: key, &right)
      rows.tally.sourceObjects += source.count
      rows.tally.sourceBytes += source.reduce(0) { $0 + $1.size }
      rows.tally.replicaObjects += replica.count
      for record in replica where record.isArchived {
        rows.tally.archivedReplicas[record.storageClass, default: 0] += 1
      }
      rows.tally.newest = (source.compactMap(\.modified) + [rows.tally.newest].compactMap { $0 })
        .max()
      match(source, replica, into: &rows)
      rows.doneUpTo = key
    }
    return false
  }

  private static func match(
    _ source: [ObjectRecord], _ replica: [ObjectRecord], into rows: inout JoinedRows
  ) {
    var others = Dictionary(
      replica.map { ($0.version, $0) }, uniquingKeysWith: { first, _ in first })
    let hiding = hiding(source, replica)
    for (index, record) in source.enumerated() {
      let other = others.removeValue(forKey: record.version)
      if let hiding, other != nil, record.version == hiding.current.version {
        others[hiding.onTop.version] = nil
        rows.differences.append(
          Difference(source: record, replica: hiding.onTop, isHidden: true))
      } else if let other, other.size == record.size, other.etag == record.etag,
        other.isDeleteMarker == record.isDeleteMarker
      {
        rows.tally.same += 1
        if !record.isDeleteMarker { rows.sampleOfSame = record.key }
      } else {
        rows.differences.append(
          Difference(
            source: record, replica: other,
            deleted: record.isDeleteMarker ? deleted(byRow: index, of: source, replica) : nil))
      }
    }
    for record in replica where others[record.version] != nil {
      rows.differences.append(Difference(source: nil, replica: record))
    }
  }

  /// What a delete marker has deleted: the version before it, which the source may have no more. Versions are listed
  /// newest first (S3 User Guide, "Listing object versions in a versioning-enabled bucket").
  private static func deleted(
    byRow index: Int, of source: [ObjectRecord], _ replica: [ObjectRecord]
  ) -> ObjectRecord? {
    if index + 1 < source.count { return source[index + 1] }
    return replica.first {
      !$0.isDeleteMarker && !Likeness.isOlder(source[index].modified, than: $0.modified)
    }
  }

  /// The source's current version, and what readers of the replica find in its place though the source does not
  /// have it; nil when they find what the source has, or nothing on both sides.
  private static func hiding(
    _ source: [ObjectRecord], _ replica: [ObjectRecord]
  ) -> (current: ObjectRecord, onTop: ObjectRecord)? {
    guard let current = source.first(where: \.isLatest),
      let onTop = replica.first(where: \.isLatest),
      !(current.isDeleteMarker && onTop.isDeleteMarker),
      !source.contains(where: { $0.version == onTop.version })
    else { return nil }
    return (current, onTop)
  }

  private static func versions(
    of key: [UInt8], _ cursor: inout ListingCursor
  ) async throws -> [ObjectRecord] {
    var versions: [ObjectRecord] = []
    while cursor.currentKey == key {
      guard versions.count < maximumVersions else {
        throw Problem(
          "a key has too many versions", on: String(decoding: key, as: UTF8.self),
          because: "it has more than \(maximumVersions)",
          fix: "Compare without versions, and let a lifecycle rule expire old ones.")
      }
      versions.append(cursor.page.record(at: cursor.index))
      cursor.index += 1
      try await cursor.fill()
    }
    return versions
  }
}

extension ListingCursor {
  /// The key of the row to be taken next; nil at the end.
  fileprivate var currentKey: [UInt8]? { isExhausted ? nil : page.key(at: index) }
}
