extension StringProtocol {
  /// The line broken between words so that no part is longer than `columns`; what follows is indented
  /// deeper. A word that is too long stays whole.
  func wrapped(to columns: Int) -> String {
    let indentation = String(repeating: " ", count: prefix { $0 == " " }.count + 4)
    var lines: [String] = []
    var rest = String(self)
    while rest.count > columns {
      let limit = rest.index(rest.startIndex, offsetBy: columns)
      let start = rest.firstIndex { $0 != " " } ?? rest.endIndex
      guard start < limit, indentation.count < columns,
        let space = rest[start...limit].lastIndex(of: " ") ?? rest[limit...].firstIndex(of: " ")
      else { break }
      lines.append(String(rest[..<space]))
      rest = indentation + rest[space...].drop { $0 == " " }
    }
    return (lines + [rest]).joined(separator: "\n")
  }
}
