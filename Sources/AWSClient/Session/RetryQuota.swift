import HTTPClient

/// What retries may cost together: when many calls fail, retries end long before calls do, so that a
/// service in trouble is not buried (SDKs and Tools Reference Guide, "Standard retry mode").
struct RetryQuota {
  static let capacity = 500
  static let cost = 5
  /// A call that was not answered has already cost its whole timeout.
  static let costOfTimeout = 10
  /// What a call that went well at once gives back.
  static let reward = 1

  private(set) var left = capacity

  /// What the retry costs; nil when nothing is left for it.
  mutating func take(for error: AWSError) -> Int? {
    var cost = Self.cost
    if case .noAnswer(let transport) = error.cause, transport.kind == .timedOut {
      cost = Self.costOfTimeout
    }
    guard left >= cost else { return nil }
    left -= cost
    return cost
  }

  /// A call that succeeded gives back what its last retry took.
  mutating func refund(_ spent: Int) {
    left = min(left + max(spent, Self.reward), Self.capacity)
  }
}
