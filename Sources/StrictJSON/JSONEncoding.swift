extension JSONValue {
  /// The JSON form of a value that can be encoded.
  ///
  /// - Throws: `EncodingError` for what JSON here cannot hold: a fraction, a number beyond 64 bits.
  public init(encoding value: some Encodable) throws {
    if let value = value as? JSONValue {
      self = value
    } else {
      let storage = Storage()
      try value.encode(to: ValueEncoder(storage: storage, codingPath: []))
      self = storage.resolved()
    }
  }
}

/// The place that one encoder writes to.
private final class Storage {
  var value: JSONValue = .object([:])
  /// Nested containers, written into their parent when they are read.
  var members: [(key: String, storage: Storage)] = []
  var elements: [Storage]?
  var isObject = false

  func resolved() -> JSONValue {
    if let elements { return .array(elements.map { $0.resolved() }) }
    guard isObject else { return value }
    var object = JSONObject()
    for member in members { object[member.key] = member.storage.resolved() }
    return .object(object)
  }
}

private struct ValueEncoder: Encoder, SingleValueEncodingContainer {
  let storage: Storage
  let codingPath: [any CodingKey]
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
    storage.isObject = true
    return KeyedEncodingContainer(KeyedWriter(storage: storage, codingPath: codingPath))
  }

  func unkeyedContainer() -> any UnkeyedEncodingContainer {
    storage.elements = storage.elements ?? []
    return UnkeyedWriter(storage: storage, codingPath: codingPath)
  }

  func singleValueContainer() -> any SingleValueEncodingContainer { self }

  func encodeNil() { storage.value = .null }
  func encode(_ value: Bool) { storage.value = .bool(value) }
  func encode(_ value: String) { storage.value = .string(value) }
  func encode(_ value: Double) throws { throw fraction(value) }
  func encode(_ value: Float) throws { throw fraction(Double(value)) }
  func encode(_ value: Int) throws { try whole(value) }
  func encode(_ value: Int8) throws { try whole(value) }
  func encode(_ value: Int16) throws { try whole(value) }
  func encode(_ value: Int32) throws { try whole(value) }
  func encode(_ value: Int64) throws { try whole(value) }
  func encode(_ value: UInt) throws { try whole(value) }
  func encode(_ value: UInt8) throws { try whole(value) }
  func encode(_ value: UInt16) throws { try whole(value) }
  func encode(_ value: UInt32) throws { try whole(value) }
  func encode(_ value: UInt64) throws { try whole(value) }

  func encode(_ value: some Encodable) throws {
    if let value = value as? JSONValue {
      storage.value = value
    } else {
      try value.encode(to: self)
    }
  }

  private func whole(_ value: some BinaryInteger) throws {
    guard let number = Int64(exactly: value) else {
      throw EncodingError.invalidValue(
        value, .init(codingPath: codingPath, debugDescription: "does not fit 64 bits"))
    }
    storage.value = .integer(number)
  }

  private func fraction(_ value: Double) -> EncodingError {
    EncodingError.invalidValue(
      value, .init(codingPath: codingPath, debugDescription: "only whole numbers are written"))
  }
}

private struct KeyedWriter<Key: CodingKey>: KeyedEncodingContainerProtocol {
  let storage: Storage
  let codingPath: [any CodingKey]

  private func encoder(for key: any CodingKey) -> ValueEncoder {
    let nested = Storage()
    storage.members.append((key.stringValue, nested))
    return ValueEncoder(storage: nested, codingPath: codingPath + [key])
  }

  func encodeNil(forKey key: Key) { encoder(for: key).encodeNil() }
  func encode(_ value: some Encodable, forKey key: Key) throws {
    try encoder(for: key).encode(value)
  }
  func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type, forKey key: Key
  ) -> KeyedEncodingContainer<Nested> { encoder(for: key).container(keyedBy: type) }
  func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
    encoder(for: key).unkeyedContainer()
  }
  func superEncoder() -> any Encoder { encoder(for: PositionKey(text: "super")) }
  func superEncoder(forKey key: Key) -> any Encoder { encoder(for: key) }
}

private struct UnkeyedWriter: UnkeyedEncodingContainer {
  let storage: Storage
  let codingPath: [any CodingKey]
  var count: Int { storage.elements?.count ?? 0 }

  private func next() -> ValueEncoder {
    let nested = Storage()
    let key = PositionKey(text: "\(count)")
    storage.elements?.append(nested)
    return ValueEncoder(storage: nested, codingPath: codingPath + [key])
  }

  func encodeNil() { next().encodeNil() }
  func encode(_ value: some Encodable) throws { try next().encode(value) }
  func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type
  ) -> KeyedEncodingContainer<Nested> { next().container(keyedBy: type) }
  func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { next().unkeyedContainer() }
  func superEncoder() -> any Encoder { next() }
}

/// The key of an array's element, for error messages.
struct PositionKey: CodingKey {
  let stringValue: String
  var intValue: Int? { Int(stringValue) }
  init(text: String) { stringValue = text }
  init?(stringValue: String) { self.stringValue = stringValue }
  init?(intValue: Int) { stringValue = String(intValue) }
}
