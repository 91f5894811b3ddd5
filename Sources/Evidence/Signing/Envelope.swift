public import Cryptography
public import StrictJSON

/// A DSSE v1 envelope (secure-systems-lab/dsse): a payload and Ed25519 signatures over its PAE.
public struct Envelope: Sendable, Equatable {
  /// The type of an in-toto statement.
  public static let inToto = "application/vnd.in-toto+json"

  /// What the payload is.
  public let payloadType: String
  /// The exact bytes that are signed.
  public let payload: [UInt8]
  /// Key identifiers with signatures.
  public let signatures: [(keyID: String, signature: [UInt8])]

  /// Signs a payload.
  public init(signing payload: [UInt8], type: String, with key: Ed25519.SigningKey) {
    payloadType = type
    self.payload = payload
    let signature = key.sign(Self.preAuthenticationEncoding(type: type, payload: payload))
    signatures = [(key.verifyingKey.identifier, signature)]
  }

  /// Reads an envelope; nil when it is malformed.
  public init?(json: JSONValue) {
    guard let type = json["payloadType"]?.stringValue,
      let payload = json["payload"]?.stringValue.flatMap({
        Base64.decode($0, acceptingURLSafe: true)
      }), let entries = json["signatures"]?.arrayValue, !entries.isEmpty
    else { return nil }
    let signatures = entries.compactMap { entry -> (keyID: String, signature: [UInt8])? in
      guard let text = entry["sig"]?.stringValue,
        let bytes = Base64.decode(text, acceptingURLSafe: true)
      else { return nil }
      return (entry["keyid"]?.stringValue ?? "", bytes)
    }
    guard signatures.count == entries.count else { return nil }
    payloadType = type
    self.payload = payload
    self.signatures = signatures
  }

  /// The envelope as JSON.
  public var json: JSONValue {
    [
      "payloadType": .string(payloadType), "payload": .string(Base64.encode(payload)),
      "signatures": .array(
        signatures.map {
          ["keyid": .string($0.keyID), "sig": .string(Base64.encode($0.signature))]
        }),
    ]
  }

  /// The first of the keys that has really signed; key identifiers are hints and prove nothing.
  public func signer(among keys: [Ed25519.VerifyingKey]) -> Ed25519.VerifyingKey? {
    let message = Self.preAuthenticationEncoding(type: payloadType, payload: payload)
    return keys.first { key in
      signatures.contains { key.isValid(signature: $0.signature, for: message) }
    }
  }

  /// What is signed: `DSSEv1 LEN(type) type LEN(payload) payload`.
  static func preAuthenticationEncoding(type: String, payload: [UInt8]) -> [UInt8] {
    Array("DSSEv1 \(type.utf8.count) \(type) \(payload.count) ".utf8) + payload
  }

  public static func == (left: Envelope, right: Envelope) -> Bool { left.json == right.json }
}

extension Ed25519.VerifyingKey {
  /// The DER form of SubjectPublicKeyInfo (RFC 8410).
  var subjectPublicKeyInfo: [UInt8] {
    [0x30, 0x2A, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x03, 0x21, 0x00] + bytes
  }

  /// SHA-256 of the DER form, in hexadecimal: what `openssl pkey -pubin -outform DER | sha256sum`
  /// prints.
  public var identifier: String { SHA256.digest(of: subjectPublicKeyInfo).hex }

  /// The key in the form that OpenSSL reads.
  public var pem: String {
    "-----BEGIN PUBLIC KEY-----\n\(Base64.encode(subjectPublicKeyInfo))\n-----END PUBLIC KEY-----\n"
  }

  /// Reads the PEM form; nil when it is not an Ed25519 public key.
  public init?(pem: String) {
    let body = pem.split(whereSeparator: \.isNewline).filter { !$0.hasPrefix("-----") }.joined()
    guard let der = Base64.decode(body), der.count == 44 else { return nil }
    self.init(bytes: Array(der.suffix(32)))
    guard subjectPublicKeyInfo == der else { return nil }
  }
}
