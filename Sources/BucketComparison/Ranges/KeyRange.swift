/// A part of a bucket's keys: those with a prefix, behind one key and up to another.
public struct KeyRange: Sendable, Equatable {
  /// What every key of it begins with.
  public let prefix: [UInt8]
  /// The key it begins behind; nil at the beginning.
  public let after: [UInt8]?
  /// The last key that may belong to it; nil without a bound.
  public var upTo: [UInt8]?

  /// Creates a range.
  public init(prefix: [UInt8] = [], after: [UInt8]? = nil, upTo: [UInt8]? = nil) {
    self.prefix = prefix
    self.after = after
    self.upTo = upTo
  }

  /// The range for people: `media/ from "media/2026" on`.
  var text: String {
    let show = { (key: [UInt8]) in String(decoding: key, as: UTF8.self) }
    let parts = [
      prefix.isEmpty ? nil : "prefix \(show(prefix))", after.map { "after \(show($0))" },
      upTo.map { "up to \(show($0))" },
    ].compactMap { $0 }
    return parts.isEmpty ? "the whole bucket" : parts.joined(separator: ", ")
  }
}
