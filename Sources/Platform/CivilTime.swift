/// A moment split into the fields of the proleptic Gregorian calendar in UTC.
struct CivilTime {
  let year, month, day, hour, minute, second, nanosecond: Int

  init(_ moment: Timestamp) {
    let days = moment.unixSeconds.flooringQuotient(86_400)
    let secondOfDay = Int(moment.unixSeconds - days * 86_400)
    (year, month, day) = CivilTime.date(daysSinceEpoch: Int(days))
    hour = secondOfDay / 3_600
    minute = secondOfDay / 60 % 60
    second = secondOfDay % 60
    // Not by way of whole seconds times a thousand million: for the earliest moments that is out of bounds.
    let rest = Int(moment.nanoseconds % 1_000_000_000)
    nanosecond = rest < 0 ? rest + 1_000_000_000 : rest
  }

  /// Days from 1970-01-01 to the date. Howard Hinnant, "chrono-Compatible Low-Level Date
  /// Algorithms", days_from_civil.
  static func daysSinceEpoch(year: Int, month: Int, day: Int) -> Int {
    let shifted = month <= 2 ? year - 1 : year
    let era = Int64(shifted).flooringQuotient(400)
    let yearOfEra = shifted - Int(era) * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return Int(era) * 146_097 + dayOfEra - 719_468
  }

  /// The inverse of ``daysSinceEpoch(year:month:day:)``: civil_from_days of the same text.
  static func date(daysSinceEpoch days: Int) -> (year: Int, month: Int, day: Int) {
    let shifted = days + 719_468
    let era = Int(Int64(shifted).flooringQuotient(146_097))
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    return (year, month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
  }

  static func days(inMonth month: Int, of year: Int) -> Int {
    switch month {
    case 2: return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28
    case 4, 6, 9, 11: return 30
    default: return 31
    }
  }
}

/// Reads the fixed-width fields of an RFC 3339 time.
struct DigitScanner {
  private var rest: Substring.UTF8View

  init(_ text: String) { rest = Substring(text).utf8 }

  var isAtEnd: Bool { rest.isEmpty }

  mutating func skip(_ character: Character) -> Bool {
    guard let first = rest.first, first == character.asciiValue else { return false }
    rest.removeFirst()
    return true
  }

  mutating func number(digits: Int) -> Int? {
    let field = rest.prefix(digits)
    guard field.count == digits, field.allSatisfy(\.isDigit) else {
      return nil
    }
    rest.removeFirst(digits)
    return field.reduce(0) { $0 * 10 + Int($1 - 0x30) }
  }

  /// An optional fraction of a second, in nanoseconds; nil when a dot has no or too many digits.
  mutating func fraction() -> Int? {
    guard skip(".") else { return 0 }
    let digits = rest.prefix(while: \.isDigit)
    guard (1...9).contains(digits.count) else { return nil }
    let value = digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
    rest.removeFirst(digits.count)
    return (digits.count..<9).reduce(value) { scaled, _ in scaled * 10 }
  }

  mutating func offsetSeconds() -> Int? {
    if skip("Z") || skip("z") { return 0 }
    let sign: Int
    if skip("+") { sign = 1 } else if skip("-") { sign = -1 } else { return nil }
    guard let hours = number(digits: 2), hours < 24, skip(":"),
      let minutes = number(digits: 2), minutes < 60
    else { return nil }
    return sign * (hours * 3_600 + minutes * 60)
  }
}
