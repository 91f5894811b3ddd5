public import StrictJSON

/// Something that a drill made and has not removed.
public struct Leftover: Sendable, Codable, Equatable {
  /// Kind, identifier and region.
  public let what: String
  /// What names it for ever, as the step that made it noted it; nil when the call that made it was
  /// interrupted, so that it is not certain that it exists.
  public let identity: JSONValue?
  /// What it costs while it is there.
  public let cost: String
  /// Why it is still there.
  public let why: String
}
