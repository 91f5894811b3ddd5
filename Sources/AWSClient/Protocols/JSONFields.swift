import Platform
import StrictJSON

/// Typed access to the fields of a JSON answer.
extension JSONValue {
  /// - Throws: `Problem` naming the field and the call when it is absent.
  func required(_ name: String, of action: String) throws(Problem) -> String {
    guard let value = string(name) else {
      throw Problem(
        "cannot read the answer to \(action)", on: name,
        because: "the field that the API promises is missing",
        fix: "Check that the endpoint is the AWS service.")
    }
    return value
  }

  func string(_ name: String) -> String? { self[name]?.stringValue }

  func flag(_ name: String) -> Bool? { self[name]?.boolValue }

  func integer(_ name: String) -> Int? {
    self[name]?.integerValue.map { Int($0) } ?? number(name).flatMap { Int(exactly: $0.rounded()) }
  }

  /// A number with or without a fraction.
  func number(_ name: String) -> Double? {
    switch self[name] {
    case .integer(let value): Double(value)
    case .decimal(let text): Double(text)
    default: nil
    }
  }

  /// A moment: seconds since the epoch, or RFC 3339.
  func moment(_ name: String) -> Timestamp? {
    if let text = string(name) { return Timestamp(text) }
    guard let seconds = number(name), abs(seconds) < 9e9 else { return nil }
    return Timestamp(nanoseconds: Int64((seconds * 1_000).rounded()) * 1_000_000)
  }
}
