extension ListingPage {
  /// Whether the rows stand in the order of their keys.
  func isInOrder(allowingRepeatedKeys: Bool) -> Bool {
    bytes.withUnsafeBytes { bytes in
      entries.withUnsafeBufferPointer { rows in
        var index = 1
        var run = twins.makeIterator()
        var next = run.next()
        while index < rows.count {
          // The other bucket's rows are known to be in order, and so are these.
          if let twins = next, index > twins.own {
            index = max(index, twins.own + twins.count)
            next = run.next()
            continue
          }
          let order = KeyOrder.compare(rows[index - 1].key, rows[index].key, of: bytes)
          guard order < 0 || (order == 0 && allowingRepeatedKeys) else { return false }
          index += 1
        }
        return true
      }
    }
  }
}
