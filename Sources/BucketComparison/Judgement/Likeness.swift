import Platform

/// How alike two objects are, as far as S3 tells without giving them.
enum Likeness: Sendable {
  /// The same content, by a checksum of the whole or the ETag.
  case same
  /// The same size, and the replica is not older; more cannot be told.
  case sameBySize
  /// Something else.
  case other
}

extension Judge {
  /// Holds an object of the source against its replica.
  func likeness(of source: ObjectHead, and replica: ObjectHead) -> Likeness {
    guard source.exists, replica.exists, source.size == replica.size else { return .other }
    if let same = Self.haveSameChecksum(source, replica) { return same ? .same : .other }
    if !source.etag.isEmpty, source.etag == replica.etag { return .same }
    let isOlder = isOlder(replica.modified, than: source.modified)
    return canCompareETags(source, replica) || isOlder ? .other : .sameBySize
  }

  /// Whether unequal ETags prove a difference: what HEAD says of an object's encryption goes before what
  /// its bucket does by default.
  private func canCompareETags(_ source: ObjectHead, _ replica: ObjectHead) -> Bool {
    guard !source.hasOpaqueETag, !replica.hasOpaqueETag else { return false }
    return etagsAreComparable || (source.encryption == "AES256" && replica.encryption == "AES256")
  }

  /// Nil when there is none of the same algorithm on both sides.
  private static func haveSameChecksum(_ source: ObjectHead, _ replica: ObjectHead) -> Bool? {
    guard let one = source.checksum, let other = replica.checksum,
      one.prefix(while: { $0 != ":" }) == other.prefix(while: { $0 != ":" })
    else { return nil }
    return one == other
  }

  func isOlder(_ replica: Timestamp?, than source: Timestamp?) -> Bool {
    guard let replica, let source else { return false }
    return replica < source
  }
}
