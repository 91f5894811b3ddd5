extension ListingPage {
  /// All rows with their texts, free of the page: for pages that are not joined.
  public var records: [ObjectRecord] { entries.indices.map { record(at: $0) } }
}
