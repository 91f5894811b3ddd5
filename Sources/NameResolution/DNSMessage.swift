import Platform

/// A question and an answer of the Domain Name System in their wire form (RFC 1035, section 4).
struct DNSMessage {
  /// The response code for a name that does not exist.
  private static let noSuchName = 3
  /// More jumps than this are a loop.
  private static let maximumJumps = 32

  /// The bytes of a question for one name and type, with recursion asked for.
  static func question(
    _ name: String, _ type: RecordType, identifier: UInt16
  ) throws(Problem) -> [UInt8] {
    var bytes = word(identifier) + word(0x0100) + word(1) + word(0) + word(0) + word(0)
    for label in name.split(separator: ".") {
      guard (1...63).contains(label.utf8.count) else { throw notAName(name) }
      bytes.append(UInt8(label.utf8.count))
      bytes += Array(label.utf8)
    }
    guard bytes.count < 12 + 255 else { throw notAName(name) }
    return bytes + [0] + word(type.rawValue) + word(1)
  }

  /// The records of an answer to the question with that identifier, in their order.
  static func answers(in bytes: [UInt8], identifier: UInt16) throws(Problem) -> [DNSRecord] {
    var reader = Reader(bytes: bytes)
    let (id, flags) = (try reader.word(), try reader.word())
    guard id == identifier, flags & 0x8000 != 0 else {
      throw unreadable("it answers another question")
    }
    guard flags & 0x0200 == 0 else { throw unreadable("it was cut short") }
    let code = Int(flags & 0xF)
    guard code == 0 || code == noSuchName else { throw unreadable("its response code is \(code)") }
    let counts = (try reader.word(), try reader.word(), try reader.word(), try reader.word())
    for _ in 0..<counts.0 {
      _ = try reader.name()
      _ = (try reader.word(), try reader.word())
    }
    var records: [DNSRecord] = []
    for _ in 0..<counts.1 { if let record = try reader.record() { records.append(record) } }
    return records
  }

  private static func word(_ value: UInt16) -> [UInt8] { [UInt8(value >> 8), UInt8(value & 0xFF)] }

  private static func notAName(_ name: String) -> Problem {
    Problem(
      "cannot ask for a name", on: name, because: "it is no name of the Domain Name System",
      fix: "Correct the record's name in the plan.")
  }

  fileprivate static func unreadable(_ reason: String) -> Problem {
    Problem(
      "cannot read the resolver's answer", because: reason,
      fix: "Check the resolver that the plan names, or leave it out.")
  }

  private struct Reader {
    let bytes: [UInt8]
    var place = 0

    mutating func byte() throws(Problem) -> UInt8 {
      guard place < bytes.count else { throw DNSMessage.unreadable("it ends early") }
      defer { place += 1 }
      return bytes[place]
    }

    mutating func word() throws(Problem) -> UInt16 {
      UInt16(try byte()) << 8 | UInt16(try byte())
    }

    mutating func name() throws(Problem) -> String {
      var labels: [String] = []
      var back: Int?
      for _ in 0..<(DNSMessage.maximumJumps + 128) {
        let length = try byte()
        if length == 0 {
          if let back { place = back }
          return labels.joined(separator: ".").lowercased()
        }
        if length & 0xC0 == 0xC0 {
          let target = Int(length & 0x3F) << 8 | Int(try byte())
          back = back ?? place
          place = target
          continue
        }
        var label: [UInt8] = []
        for _ in 0..<length { label.append(try byte()) }
        labels.append(String(decoding: label, as: UTF8.self))
      }
      throw DNSMessage.unreadable("a name in it has no end")
    }

    /// Nil for a record of a type that is not asked for here.
    mutating func record() throws(Problem) -> DNSRecord? {
      let name = try name()
      let type = try word()
      _ = try word()
      let ttl = UInt32(try word()) << 16 | UInt32(try word())
      let length = Int(try word())
      let end = place + length
      guard end <= bytes.count else { throw DNSMessage.unreadable("it ends early") }
      defer { place = end }
      switch RecordType(rawValue: type) {
      case .address where length == 4:
        let value = bytes[place..<end].map(String.init).joined(separator: ".")
        return DNSRecord(name: name, type: .address, ttl: Int(ttl), value: value)
      case .alias:
        return DNSRecord(name: name, type: .alias, ttl: Int(ttl), value: try self.name())
      default: return nil
      }
    }
  }
}
