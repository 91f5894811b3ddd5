import AWSClient
import BucketComparison

/// Holds a copy against its original by what S3 says of both.
struct CopyCheck {
  private let original: ObjectHead
  private let copy: ObjectHead

  init(original: S3ObjectHead, copy: S3ObjectHead) {
    self.original = ObjectHead(original)
    self.copy = ObjectHead(copy)
  }

  /// Whether the copy may be held for the same content: by a checksum, else by the ETags where they are MD5
  /// sums, else by size and time. An object that is made in parts or encrypted with KMS has an ETag that
  /// no copy of it has.
  var isSame: Bool { original.likeness(to: copy, etagsAreComparable: true) != .other }

  /// Whether the copy is from before the original, so that it is no copy of it.
  var copyIsOlder: Bool { copy.isOlder(than: original) }
}
