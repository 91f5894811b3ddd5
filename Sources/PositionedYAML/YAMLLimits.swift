/// How much a document may ask of its reader. Whatever exceeds a limit ends in an error at once.
public struct YAMLLimits: Sendable, Equatable {
  /// The size of the document in bytes.
  public let bytes: Int
  /// How deep lists and mappings may stand in each other.
  public let depth: Int
  /// How many values the document may have. What an alias stands for counts each time, so that
  /// aliases of aliases cannot explode.
  public let nodes: Int
  /// The size of one text in bytes.
  public let scalarBytes: Int

  /// Creates limits.
  public init(
    bytes: Int = 1 << 20, depth: Int = 32, nodes: Int = 50_000, scalarBytes: Int = 64 << 10
  ) {
    self.bytes = bytes
    self.depth = depth
    self.nodes = nodes
    self.scalarBytes = scalarBytes
  }

  /// The limits for files that people write.
  public static let standard = YAMLLimits()
}
