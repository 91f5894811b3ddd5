import Platform

/// The `Date` header's form, RFC 9110 section 5.6.7: `Tue, 24 Nov 2026 03:00:00 GMT`.
enum HTTPDate {
  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]

  static func read(_ text: String) -> Timestamp? {
    let parts = text.split(separator: " ")
    guard parts.count == 6, parts[5] == "GMT",
      let month = months.firstIndex(of: String(parts[2])), let day = Int(parts[1])
    else { return nil }
    return Timestamp("\(parts[3])-\((month + 1).padded(2))-\(day.padded(2))T\(parts[4])Z")
  }
}
