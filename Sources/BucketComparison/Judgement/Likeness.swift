import Platform

/// How alike two objects are, as far as S3 tells without giving them.
public enum Likeness: Sendable {
  /// The same content, by a checksum of the whole or the ETag.
  case same
  /// The same size, and the replica is not older; more cannot be told.
  case sameBySize
  /// Something else.
  case other

  static func isOlder(_ replica: Timestamp?, than source: Timestamp?) -> Bool {
    guard let replica, let source else { return false }
    return replica < source
  }
}

extension ObjectHead {
  /// Holds an object against its replica, or its copy.
  ///
  /// - Parameter etagsAreComparable: whether unequal ETags prove a difference, unless HEAD says that one is no MD5
  ///   sum.
  public func likeness(to replica: ObjectHead, etagsAreComparable: Bool) -> Likeness {
    guard exists, replica.exists, size == replica.size else { return .other }
    if let same = hasSameChecksum(as: replica) { return same ? .same : .other }
    if !etag.isEmpty, etag == replica.etag { return .same }
    let areProof = etagsAreComparable && !hasOpaqueETag && !replica.hasOpaqueETag
    return areProof || replica.isOlder(than: self) ? .other : .sameBySize
  }

  /// Whether it was last changed before another; false when either time is not known.
  public func isOlder(than other: ObjectHead) -> Bool {
    Likeness.isOlder(modified, than: other.modified)
  }

  /// Nil when there is none of the same algorithm on both sides.
  private func hasSameChecksum(as replica: ObjectHead) -> Bool? {
    guard let one = checksum, let other = replica.checksum,
      one.prefix(while: { $0 != ":" }) == other.prefix(while: { $0 != ":" })
    else { return nil }
    return one == other
  }
}

extension Judge {
  /// Holds an object of the source against its replica. What HEAD says of an object's encryption goes before
  /// what its bucket does by default.
  func likeness(of source: ObjectHead, and replica: ObjectHead) -> Likeness {
    let arePlain = source.encryption == "AES256" && replica.encryption == "AES256"
    return source.likeness(to: replica, etagsAreComparable: etagsAreComparable || arePlain)
  }
}
