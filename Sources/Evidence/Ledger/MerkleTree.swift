public import Cryptography

/// The Merkle tree of RFC 6962, section 2.1, over the lines of a ledger.
public struct MerkleTree: Sendable {
  private let leaves: [SHA256.Digest]

  /// The tree over these leaves.
  public init(_ leaves: [[UInt8]]) { self.leaves = leaves.map(Self.leafHash) }

  /// How many leaves there are.
  public var size: Int { leaves.count }

  /// The hash of a leaf: SHA-256(0x00 ‖ data).
  public static func leafHash(_ data: [UInt8]) -> SHA256.Digest { .init(of: [0], data) }

  private static func parent(_ left: SHA256.Digest, _ right: SHA256.Digest) -> SHA256.Digest {
    .init(of: [1], left.bytes, right.bytes)
  }

  /// The root over the first `count` leaves; of none, the digest of nothing.
  public func root(of count: Int) -> SHA256.Digest { root(0..<min(count, size)) }

  private func root(_ range: Range<Int>) -> SHA256.Digest {
    switch range.count {
    case 0: return SHA256.digest(of: [])
    case 1: return leaves[range.lowerBound]
    default:
      let middle = range.lowerBound + Self.split(range.count)
      return Self.parent(
        root(range.lowerBound..<middle), root(middle..<range.upperBound))
    }
  }

  /// The largest power of two below `count`.
  private static func split(_ count: Int) -> Int {
    var power = 1
    while power * 2 < count { power *= 2 }
    return power
  }

  /// What proves that a leaf is in the tree over the first `count` leaves (section 2.1.1); empty
  /// when there is no such leaf.
  public func inclusionProof(of index: Int, in count: Int) -> [SHA256.Digest] {
    guard (0..<min(count, size)).contains(index) else { return [] }
    return path(index, 0..<count)
  }

  private func path(_ index: Int, _ range: Range<Int>) -> [SHA256.Digest] {
    guard range.count > 1 else { return [] }
    let middle = range.lowerBound + Self.split(range.count)
    return index < middle
      ? path(index, range.lowerBound..<middle) + [root(middle..<range.upperBound)]
      : path(index, middle..<range.upperBound) + [root(range.lowerBound..<middle)]
  }

  /// What proves that the tree over the first `new` leaves only adds to the one over the first
  /// `old` (section 2.1.2).
  public func consistencyProof(from old: Int, to new: Int) -> [SHA256.Digest] {
    guard old > 0, old < new, new <= size else { return [] }
    return subproof(old, 0..<new, isWhole: true)
  }

  private func subproof(_ old: Int, _ range: Range<Int>, isWhole: Bool) -> [SHA256.Digest] {
    if old == range.upperBound { return isWhole ? [] : [root(range)] }
    let middle = range.lowerBound + Self.split(range.count)
    return old <= middle
      ? subproof(old, range.lowerBound..<middle, isWhole: isWhole)
        + [root(middle..<range.upperBound)]
      : subproof(old, middle..<range.upperBound, isWhole: false)
        + [root(range.lowerBound..<middle)]
  }

  /// Whether `proof` shows the leaf under the root (RFC 9162, section 2.1.3.2).
  public static func proves(
    inclusionOf leaf: SHA256.Digest, at index: Int, in size: Int, root: SHA256.Digest,
    by proof: [SHA256.Digest]
  ) -> Bool {
    guard (0..<max(size, 0)).contains(index) else { return false }
    var (first, last, node) = (index, size - 1, leaf)
    for hash in proof {
      guard last > 0 else { return false }
      if first % 2 == 1 || first == last {
        node = parent(hash, node)
        while first % 2 == 0, first != 0 { (first, last) = (first / 2, last / 2) }
      } else {
        node = parent(node, hash)
      }
      (first, last) = (first / 2, last / 2)
    }
    return last == 0 && node == root
  }

  /// Whether `proof` shows that the newer tree only adds to the older (RFC 9162, section 2.1.4.2).
  public static func proves(
    consistencyFrom old: Int, _ oldRoot: SHA256.Digest, to new: Int, _ newRoot: SHA256.Digest,
    by proof: [SHA256.Digest]
  ) -> Bool {
    if old == new { return proof.isEmpty && oldRoot == newRoot }
    if old == 0 { return proof.isEmpty && oldRoot == SHA256.digest(of: []) }
    guard old > 0, old < new else { return false }
    var rest = proof[...]
    if old & (old - 1) == 0 { rest = [oldRoot] + rest }
    guard let start = rest.popFirst() else { return false }
    var (first, last) = (old - 1, new - 1)
    while first % 2 == 1 { (first, last) = (first / 2, last / 2) }
    var (older, newer) = (start, start)
    for hash in rest {
      guard last > 0 else { return false }
      if first % 2 == 1 || first == last {
        (older, newer) = (parent(hash, older), parent(hash, newer))
        while first % 2 == 0, first != 0 { (first, last) = (first / 2, last / 2) }
      } else {
        newer = parent(newer, hash)
      }
      (first, last) = (first / 2, last / 2)
    }
    return last == 0 && older == oldRoot && newer == newRoot
  }
}

extension SHA256.Digest {
  fileprivate init(of parts: [UInt8]...) {
    var hash = SHA256()
    for part in parts { hash.update(part) }
    self = hash.finalized()
  }
}
