extension [String] {
  /// The first of some names, for people: `'a', 'b' and 1,204 more`.
  ///
  /// - Parameter total: how many there are when not all of them are at hand.
  func quoted(atMost limit: Int, of total: Int? = nil) -> String {
    let shown = prefix(limit).map { "'\($0)'" }
    let more = (total ?? count) - shown.count
    return shown.joined(separator: ", ") + (more > 0 ? " and \(more.grouped) more" : "")
  }
}
