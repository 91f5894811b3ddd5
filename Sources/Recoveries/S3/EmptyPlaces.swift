import BucketComparison
import Platform
import RunEngine

extension S3Side {
  /// How many prefixes are looked at at the same time.
  private static let width = 8

  /// Which of some prefixes no key begins with; without prefixes whether there is any key at all.
  ///
  /// A mistyped prefix compares nothing, and nothing is always the same.
  func emptyPlaces(among prefixes: [String], _ context: StepContext) async throws -> [String] {
    let places = prefixes.isEmpty ? [""] : prefixes
    return try await places.concurrentMap(width: Self.width) { prefix in
      var query = ListingQuery(prefix: Array(prefix.utf8))
      query.limit = 1
      let page = try await listing(context).page(query, at: .after(nil), foundNext: { _ in })
      return page.firstRecord == nil ? prefix : nil
    }.compactMap { $0 }
  }

  /// Where nothing is, for people: `'medai/' and 'x/' of mosaic-media in us-east-1`.
  func naming(_ places: [String]) -> String {
    places == [""] ? name : "\(places.quoted(atMost: 5)) of \(name)"
  }
}
