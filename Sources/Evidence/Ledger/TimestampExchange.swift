import Cryptography
public import Platform

/// A question to a time-stamping authority and what is checked of its answer (RFC 3161). The answer's
/// signature is for the auditor's tools: `openssl ts -verify`.
public enum TimestampExchange {
  /// The largest answer.
  public static let maximumAnswer = 1 << 20

  private static let sha256: [UInt8] = [
    0x30, 0x0D, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00,
  ]

  /// A TimeStampReq in DER: version 1, a SHA-256 imprint, a nonce, and a wish for the certificate.
  public static func request(for bytes: [UInt8], nonce: UInt64) -> [UInt8] {
    let imprint = der(0x30, sha256 + der(0x04, SHA256.digest(of: bytes).bytes))
    return der(0x30, [0x02, 0x01, 0x01] + imprint + integer(nonce) + [0x01, 0x01, 0xFF])
  }

  /// Checks an answer: granted, over these bytes, for this nonce.
  ///
  /// - Throws: `Problem` with what does not fit.
  public static func check(
    _ answer: [UInt8], for bytes: [UInt8], nonce: UInt64, from url: String
  ) throws(Problem) {
    let fail = { (reason: String) in
      Problem(
        "the time stamp cannot be used", on: url, because: reason,
        fix: "Check the address of the authority; it is asked again with the next checkpoint.")
    }
    var outer = DERReader(answer[...])
    guard var reply = outer.read(0x30).map({ DERReader($0) }),
      var status = reply.read(0x30).map({ DERReader($0) }), let code = status.read(0x02)
    else { throw fail("the answer is no TimeStampResp") }
    guard code.count == 1, let value = code.first, value <= 1 else {
      throw fail("the authority did not grant it: status \(code.last ?? 255)")
    }
    guard let info = signedInformation(reply) else { throw fail("the answer holds no token") }
    guard info.imprint.elementsEqual(sha256 + der(0x04, SHA256.digest(of: bytes).bytes)) else {
      throw fail("it is over other bytes")
    }
    guard let answered = info.nonce, der(0x02, Array(answered)) == integer(nonce) else {
      throw fail("it answers another question")
    }
  }

  /// Imprint and nonce of the TSTInfo (section 2.4.2) in a token, which is a SignedData of CMS
  /// (RFC 5652, sections 3 and 5.1).
  private static func signedInformation(
    _ reply: DERReader
  ) -> (imprint: ArraySlice<UInt8>, nonce: ArraySlice<UInt8>?)? {
    var reply = reply
    guard var token = reply.read(0x30).map({ DERReader($0) }), token.read(0x06) != nil,
      var content = token.read(0xA0).map({ DERReader($0) }),
      var signed = content.read(0x30).map({ DERReader($0) }), signed.read(0x02) != nil,
      signed.read(0x31) != nil, var inner = signed.read(0x30).map({ DERReader($0) }),
      inner.read(0x06) != nil, var wrapped = inner.read(0xA0).map({ DERReader($0) }),
      var octets = wrapped.read(0x04).map({ DERReader($0) }),
      var info = octets.read(0x30).map({ DERReader($0) }), info.read(0x02) != nil,
      info.read(0x06) != nil, let imprint = info.read(0x30), info.read(0x02) != nil,
      info.read(0x18) != nil
    else { return nil }
    // Accuracy and ordering may stand before it.
    _ = info.read(0x30)
    _ = info.read(0x01)
    return (imprint, info.read(0x02))
  }

  static func der(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
    if content.count < 0x80 { return [tag, UInt8(content.count)] + content }
    return [tag, 0x81, UInt8(truncatingIfNeeded: content.count)] + content
  }

  private static func integer(_ number: UInt64) -> [UInt8] {
    var bytes = (0..<8).map { UInt8(truncatingIfNeeded: number >> UInt64(56 - $0 * 8)) }[...]
    while bytes.count > 1, bytes.first == 0, bytes.dropFirst().first.map({ $0 < 0x80 }) == true {
      bytes = bytes.dropFirst()
    }
    if let first = bytes.first, first >= 0x80 { bytes = [0] + bytes }
    return der(0x02, Array(bytes))
  }
}

/// Reads DER, one element after the other.
struct DERReader {
  private var rest: ArraySlice<UInt8>

  init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

  /// The content of the next element, when it has this tag.
  mutating func read(_ tag: UInt8) -> ArraySlice<UInt8>? {
    guard rest.first == tag, rest.count > 1 else { return nil }
    var length = Int(rest[rest.startIndex + 1])
    var start = rest.startIndex + 2
    if length >= 0x80 {
      let count = length & 0x7F
      guard (1...3).contains(count), rest.endIndex - start >= count else { return nil }
      length = rest[start..<(start + count)].reduce(0) { $0 << 8 | Int($1) }
      start += count
    }
    guard rest.endIndex - start >= length else { return nil }
    defer { rest = rest[(start + length)...] }
    return rest[start..<(start + length)]
  }
}
