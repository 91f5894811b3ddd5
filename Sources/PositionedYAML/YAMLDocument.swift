/// Reads one YAML document (YAML 1.1 as libyaml understands it, without tags) into a tree with
/// positions.
public enum YAMLDocument {
  /// Reads the only document in `bytes`, which are UTF-8, with or without a byte order mark. An
  /// empty text gives a null. The time and the memory taken are bounded by `limits`.
  public static func parse(
    _ bytes: [UInt8], limits: YAMLLimits = .standard
  ) throws(YAMLError) -> YAMLNode {
    guard bytes.count <= limits.bytes else {
      throw YAMLError(
        kind: .tooLarge(bytes: bytes.count, limit: limits.bytes), position: .start)
    }
    let hasMark = bytes.starts(with: [0xEF, 0xBB, 0xBF])
    let outcome = bytes.withUnsafeBufferPointer { buffer -> Result<YAMLNode, YAMLError> in
      let text = UnsafeBufferPointer(rebasing: buffer.dropFirst(hasMark ? 3 : 0))
      do throws(YAMLError) {
        var builder = TreeBuilder(events: try EventReader(text), limits: limits)
        return .success(try builder.document())
      } catch {
        return .failure(error)
      }
    }
    return try outcome.get()
  }
}

/// Builds the tree from events. Its recursion is bounded by the depth limit.
private struct TreeBuilder: ~Copyable {
  private struct Anchored {
    let node: YAMLNode
    let count: Int
    let depth: Int
  }

  private let events: EventReader
  private let limits: YAMLLimits
  private var anchors: [String: Anchored] = [:]
  private var openAnchors: [String] = []
  private var count = 0
  /// The deepest level that was reached inside the value being built.
  private var deepest = 0

  init(events: consuming EventReader, limits: YAMLLimits) {
    self.events = events
    self.limits = limits
  }

  mutating func document() throws(YAMLError) -> YAMLNode {
    var root: YAMLNode?
    while true {
      let event = try events.next()
      switch event.kind {
      case .streamEnd: return root ?? YAMLNode(.scalar("", .plain), at: .start)
      case .documentStart:
        guard root == nil else { throw YAMLError(kind: .secondDocument, position: event.position) }
        root = try node(try events.next(), depth: 0)
      default: break
      }
    }
  }

  private mutating func node(_ event: YAMLEvent, depth: Int) throws(YAMLError) -> YAMLNode {
    if let tag = event.tag { throw YAMLError(kind: .tag(tag), position: event.position) }
    if case .alias(let name) = event.kind {
      return try resolve(name, at: event.position, depth: depth)
    }
    let (countBefore, deepestBefore) = (count, deepest)
    try reach(depth, adding: 1, at: event.position)
    deepest = depth
    if let anchor = event.anchor { openAnchors.append(anchor) }
    let node = YAMLNode(try kind(of: event, depth: depth), at: event.position)
    if let anchor = event.anchor {
      openAnchors.removeLast()
      anchors[anchor] = Anchored(
        node: node, count: count - countBefore, depth: deepest - depth)
    }
    deepest = max(deepest, deepestBefore)
    return node
  }

  private mutating func kind(
    of event: YAMLEvent, depth: Int
  ) throws(YAMLError) -> YAMLNode.Kind {
    switch event.kind {
    case .scalar(let text, let style):
      guard text.utf8.count <= limits.scalarBytes else {
        throw YAMLError(
          kind: .scalarTooLong(bytes: text.utf8.count, limit: limits.scalarBytes),
          position: event.position)
      }
      return .scalar(text, style)
    case .sequenceStart: return .sequence(try elements(depth: depth + 1))
    case .mappingStart: return .mapping(try entries(depth: depth + 1))
    default:
      throw YAMLError(kind: .malformed("a value is missing"), position: event.position)
    }
  }

  private mutating func elements(depth: Int) throws(YAMLError) -> [YAMLNode] {
    var items: [YAMLNode] = []
    while true {
      let event = try events.next()
      if case .sequenceEnd = event.kind { return items }
      items.append(try node(event, depth: depth))
    }
  }

  private mutating func entries(depth: Int) throws(YAMLError) -> [YAMLEntry] {
    var entries: [YAMLEntry] = []
    var positions: [String: SourcePosition] = [:]
    while true {
      let event = try events.next()
      if case .mappingEnd = event.kind { return entries }
      let key = try node(event, depth: depth)
      guard let text = key.text else {
        throw YAMLError(kind: .compositeKey, position: event.position)
      }
      if let first = positions.updateValue(event.position, forKey: text) {
        throw YAMLError(kind: .duplicateKey(text, first: first), position: event.position)
      }
      let value = try node(try events.next(), depth: depth)
      entries.append(YAMLEntry(key: text, keyPosition: event.position, value: value))
    }
  }

  private mutating func resolve(
    _ name: String, at position: SourcePosition, depth: Int
  ) throws(YAMLError) -> YAMLNode {
    if openAnchors.contains(name) {
      throw YAMLError(kind: .recursiveAlias(name), position: position)
    }
    guard let anchored = anchors[name] else {
      throw YAMLError(kind: .unknownAlias(name), position: position)
    }
    try reach(depth + anchored.depth, adding: anchored.count, at: position)
    deepest = max(deepest, depth + anchored.depth)
    return anchored.node
  }

  private mutating func reach(
    _ depth: Int, adding nodes: Int, at position: SourcePosition
  ) throws(YAMLError) {
    guard depth <= limits.depth else {
      throw YAMLError(kind: .tooDeep(limit: limits.depth), position: position)
    }
    count += nodes
    guard count <= limits.nodes else {
      throw YAMLError(kind: .tooManyNodes(limit: limits.nodes), position: position)
    }
  }
}
