import Platform

/// A JSON value. Numbers are whole numbers, so that every reader understands the same value.
///
/// There is no nil literal on purpose: `object[key] == nil` must ask for absence, not for `null`.
public enum JSONValue: Sendable, Equatable {
  case null
  case bool(Bool)
  case integer(Int64)
  /// A number with a fraction or an exponent, as it was written. Read from other people's JSON;
  /// never written canonically.
  case decimal(String)
  case string(String)
  case array([JSONValue])
  case object(JSONObject)

  /// The member of an object; nil for anything else.
  public subscript(key: String) -> JSONValue? {
    if case .object(let object) = self { object[key] } else { nil }
  }

  /// The text, if it is one.
  public var stringValue: String? { if case .string(let value) = self { value } else { nil } }
  /// The whole number, if it is one.
  public var integerValue: Int64? { if case .integer(let value) = self { value } else { nil } }
  /// The truth value, if it is one.
  public var boolValue: Bool? { if case .bool(let value) = self { value } else { nil } }
  /// The elements, if it is an array.
  public var arrayValue: [JSONValue]? { if case .array(let value) = self { value } else { nil } }
  /// The members, if it is an object.
  public var objectValue: JSONObject? { if case .object(let value) = self { value } else { nil } }
}

/// The members of a JSON object, sorted by the bytes of their keys.
///
/// Keys are compared byte by byte: Swift's `==` on strings takes different bytes for equal.
public struct JSONObject: Sendable, Equatable {
  /// The members in the order of the canonical form.
  public private(set) var members: [(key: String, value: JSONValue)] = []

  /// Creates an object without members.
  public init() {}

  /// The value of a key; setting nil removes the member.
  public subscript(key: String) -> JSONValue? {
    get {
      let index = position(of: key)
      return holds(key, at: index) ? members[index].value : nil
    }
    set {
      let index = position(of: key)
      switch (holds(key, at: index), newValue) {
      case (true, .some(let value)): members[index].value = value
      case (true, .none): members.remove(at: index)
      case (false, .some(let value)): members.insert((key, value), at: index)
      case (false, .none): break
      }
    }
  }

  public static func == (left: JSONObject, right: JSONObject) -> Bool {
    left.members.elementsEqual(right.members) {
      $0.key.hasSameBytes(as: $1.key) && $0.value == $1.value
    }
  }

  private func holds(_ key: String, at index: Int) -> Bool {
    index < members.count && members[index].key.hasSameBytes(as: key)
  }

  private func position(of key: String) -> Int {
    var low = 0
    var high = members.count
    while low < high {
      let middle = (low + high) / 2
      if members[middle].key.utf8.lexicographicallyPrecedes(key.utf8) {
        low = middle + 1
      } else {
        high = middle
      }
    }
    return low
  }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
  public init(dictionaryLiteral elements: (String, JSONValue)...) {
    for (key, value) in elements { self[key] = value }
  }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  public init(stringLiteral value: String) { self = .string(value) }
  public init(integerLiteral value: Int64) { self = .integer(value) }
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
  public init(dictionaryLiteral elements: (String, JSONValue)...) {
    var object = JSONObject()
    for (key, value) in elements { object[key] = value }
    self = .object(object)
  }
}
