import Cryptography
public import StrictJSON

/// A DSSE v1 envelope (secure-systems-lab/dsse): a payload and signatures over its PAE.
public struct Envelope: Sendable, Equatable {
  /// The type of an in-toto statement.
  public static let inToto = "application/vnd.in-toto+json"
  /// AWS KMS signs at most this many bytes with Ed25519 (KMS API Reference, Sign, Message).
  public static let maximumMessage = 4_096
  /// The largest envelope that is read, and the most signatures one may hold.
  static let maximumSize = 256 << 10
  static let maximumSignatures = 32

  /// One signature; the key's identifier is only a hint.
  public struct Signature: Sendable, Equatable {
    /// The identifier of the key.
    public let keyID: String
    /// The bytes.
    public let bytes: [UInt8]
  }

  /// What the payload is.
  public let payloadType: String
  /// The exact bytes that are signed.
  public let payload: [UInt8]
  /// The signatures.
  public let signatures: [Signature]

  /// Signs a payload with each of the keys.
  public init(signing payload: [UInt8], type: String, with signers: [any Signer]) async throws {
    let unsigned = Envelope(payloadType: type, payload: payload, signatures: [])
    self = try await unsigned.signed(by: signers)
  }

  private init(payloadType: String, payload: [UInt8], signatures: [Signature]) {
    self.payloadType = payloadType
    self.payload = payload
    self.signatures = signatures
  }

  /// The envelope with the signatures of further keys; a key that has signed already signs no
  /// second time, since some verifiers refuse an identifier that stands there twice.
  public func signed(by signers: [any Signer]) async throws -> Envelope {
    var all = signatures
    for signer in signers {
      let id = signer.publicKey.identifier
      if all.contains(where: { $0.keyID == id }) { continue }
      all.append(Signature(keyID: id, bytes: try await signer.sign(message)))
    }
    return Envelope(payloadType: payloadType, payload: payload, signatures: all)
  }

  /// Reads an envelope; nil when it is malformed.
  public init?(json: JSONValue) {
    guard let type = json["payloadType"]?.stringValue,
      let payload = json["payload"]?.stringValue.flatMap({
        Base64.decode($0, acceptingURLSafe: true)
      }), let entries = json["signatures"]?.arrayValue,
      (1...Self.maximumSignatures).contains(entries.count)
    else { return nil }
    let signatures = entries.compactMap { entry -> Signature? in
      guard let text = entry["sig"]?.stringValue,
        let bytes = Base64.decode(text, acceptingURLSafe: true)
      else { return nil }
      return Signature(keyID: entry["keyid"]?.stringValue ?? "", bytes: bytes)
    }
    guard signatures.count == entries.count else { return nil }
    self.init(payloadType: type, payload: payload, signatures: signatures)
  }

  /// The envelope as JSON.
  public var json: JSONValue {
    [
      "payloadType": .string(payloadType), "payload": .string(Base64.encode(payload)),
      "signatures": .array(
        signatures.map { ["keyid": .string($0.keyID), "sig": .string(Base64.encode($0.bytes))] }),
    ]
  }

  /// Those of the keys that have really signed, each once; key identifiers are hints and prove
  /// nothing.
  public func signers(among keys: [PublicKey]) -> [PublicKey] {
    var found: [PublicKey] = []
    for key in keys where !found.contains(key) {
      if signatures.contains(where: { key.isValid(signature: $0.bytes, for: message) }) {
        found.append(key)
      }
    }
    return found
  }

  /// The bytes that are signed.
  public var message: [UInt8] {
    Self.preAuthenticationEncoding(type: payloadType, payload: payload)
  }

  /// What is signed: `DSSEv1 LEN(type) type LEN(payload) payload`.
  static func preAuthenticationEncoding(type: String, payload: [UInt8]) -> [UInt8] {
    Array("DSSEv1 \(type.utf8.count) \(type) \(payload.count) ".utf8) + payload
  }
}
