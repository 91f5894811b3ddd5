extension Sequence<LifecycleRule.Filter> {
  /// Whether they together take whatever another takes: those that take all of its keys and tags share
  /// its sizes without a gap.
  ///
  /// Nothing else can be shared out in a way that is known to leave nothing over: there is always another
  /// key, and another value of a tag.
  public func takeAll(of other: LifecycleRule.Filter) -> Bool {
    let parts = filter { $0.takesKeysAndTags(of: other) }
      .sorted { $0.largerThan ?? -1 < $1.largerThan ?? -1 }
    // All sizes that the other takes are taken up to here.
    var taken = other.largerThan ?? -1
    for part in parts {
      guard part.largerThan ?? -1 <= taken else { return false }
      taken = Swift.max(taken, part.largest)
      if taken >= other.largest { return true }
    }
    return false
  }
}

extension LifecycleRule.Filter {
  /// The most bytes that an object may have. Neither bound includes its own number.
  fileprivate var largest: Int64 { Swift.max(smallerThan ?? .max, 0) - 1 }
}
