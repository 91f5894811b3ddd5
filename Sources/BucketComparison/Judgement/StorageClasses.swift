/// The storage classes whose objects nobody can read before they are restored, which takes hours
/// (S3 User Guide, "Restoring an archived object"). `GLACIER_IR` is none of them.
public enum StorageClasses {
  /// How long it takes, by standard and by bulk retrieval, for people (S3 User Guide, "Understanding archive
  /// retrieval options").
  public static let thawing = ["GLACIER": "3 to 12 hours", "DEEP_ARCHIVE": "12 to 48 hours"]

  static let archived = Set(thawing.keys)
}

extension ObjectRecord {
  /// Whether it has to be restored before it can be read.
  public var isArchived: Bool { StorageClasses.archived.contains(storageClass) }
}

extension ListingPage {
  /// How many of some rows are archived, by storage class. The length of its name, which is at hand, tells
  /// nearly all others apart.
  func archived(in rows: Range<Int>) -> [String: Int] {
    var counts: [String: Int] = [:]
    for entry in entries[rows] where entry.storageClass.count == 7 || entry.storageClass.count == 12
    {
      let name = text(entry.storageClass)
      if StorageClasses.archived.contains(name) { counts[name, default: 0] += 1 }
    }
    return counts
  }
}
