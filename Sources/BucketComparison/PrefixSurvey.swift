import AWSClient

/// Finds out what of a bucket no rule replicates, folder by folder: only those are looked into of which a rule
/// covers a part.
public struct PrefixSurvey: Sendable {
  /// How many pages are read at most.
  static let maximumPages = 100
  private static let delimiter = "/"

  private let source: any ListingSource
  private let rules: ReplicationRules

  /// Creates a survey; nothing is read yet.
  public init(of source: any ListingSource, rules: ReplicationRules) {
    self.source = source
    self.rules = rules
  }

  /// What was found.
  public struct Result: Sendable, Equatable {
    /// Folders, up to their slash, and keys that stand outside of them; of these the first of each folder.
    public var uncovered: [String] = []
    /// The same of which a rule replicates only what has certain tags.
    public var tagged: [String] = []
    /// Whether there is more than was looked at.
    public var isPartial = false
  }

  /// Looks into the bucket from the top.
  ///
  /// - Throws: whatever the listing throws.
  public func run() async throws -> Result {
    var result = Result()
    var open: [[UInt8]] = [[]]
    var pages = 0
    while let folder = open.popLast() {
      var query = ListingQuery(prefix: folder)
      query.delimiter = Self.delimiter
      var position: PagePosition? = .after(nil)
      var hasLooseKey = false
      while let here = position {
        guard pages < Self.maximumPages else {
          result.isPartial = true
          return result.sorted
        }
        pages += 1
        let page = try await source.page(query, at: here, foundNext: { _ in })
        for beneath in page.commonPrefixes {
          switch state(of: beneath) {
          case .covered: break
          case .partly: open.append(beneath)
          case .tagged: result.tagged.append(Self.text(beneath))
          case .uncovered: result.uncovered.append(Self.text(beneath))
          }
        }
        for key in page.entries.indices.lazy.map(page.key(at:)) where !hasLooseKey {
          if case .uncovered = rules.coverage(of: key) {
            hasLooseKey = true
            result.uncovered.append(Self.text(key))
          }
        }
        position = page.nextPosition
        source.reuse(page)
      }
    }
    return result.sorted
  }

  private enum State { case covered, partly, tagged, uncovered }

  /// A rule for a part of a folder shows only further down.
  private func state(of folder: [UInt8]) -> State {
    let over = rules.rules.filter { folder.starts(with: $0.prefix.utf8) }
    if over.contains(where: \.tags.isEmpty) { return .covered }
    if rules.rules.contains(where: {
      $0.prefix.utf8.count > folder.count && $0.prefix.utf8.starts(with: folder)
    }) {
      return .partly
    }
    return over.isEmpty ? .uncovered : .tagged
  }

  private static func text(_ key: [UInt8]) -> String { String(decoding: key, as: UTF8.self) }
}

extension PrefixSurvey.Result {
  fileprivate var sorted: Self {
    var result = self
    result.uncovered.sort()
    result.tagged.sort()
    return result
  }
}
