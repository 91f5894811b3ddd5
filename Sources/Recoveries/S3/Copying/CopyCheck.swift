import AWSClient

/// Holds a copy against its original by what S3 says of both.
struct CopyCheck {
  let original: S3ObjectHead
  let copy: S3ObjectHead

  /// Whether the copy may be held for the same content: by a checksum, else by the ETags where they are MD5
  /// sums, else by size and time. An object that is made in parts or encrypted with KMS has an ETag that
  /// no copy of it has.
  var isSame: Bool {
    guard original.size == copy.size else { return false }
    if let same = checksumsAgree { return same }
    if !original.etag.isEmpty, original.etag == copy.etag { return true }
    return !(original.hasMD5AsETag && copy.hasMD5AsETag) && !copyIsOlder
  }

  /// Whether the copy is from before the original, so that it is no copy of it.
  var copyIsOlder: Bool {
    guard let copied = copy.modified, let made = original.modified else { return false }
    return copied < made
  }

  /// Nil when there is none by the same algorithm on both sides.
  private var checksumsAgree: Bool? {
    guard let one = original.checksum, let other = copy.checksum,
      one.prefix(while: { $0 != ":" }) == other.prefix(while: { $0 != ":" })
    else { return nil }
    return one == other
  }
}

extension S3ObjectHead {
  /// API Reference, "Object", ETag.
  fileprivate var hasMD5AsETag: Bool {
    !etag.isEmpty && !etag.contains("-") && encryption?.hasPrefix("aws:kms") != true
  }
}
