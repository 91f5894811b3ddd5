public import AWSClient
import Cryptography
public import Evidence
import Platform
import StrictJSON

/// A key of AWS KMS that signs: `ECC_NIST_EDWARDS25519` or `ECC_NIST_P256`. It never leaves KMS, and
/// CloudTrail counts its signatures.
public struct KMSSigner: Signer {
  private let key: String
  private let region: String
  private let client: AWSClient

  public let publicKey: PublicKey

  /// Asks KMS for the public half.
  ///
  /// - Parameter key: identifier, ARN or alias.
  public init(key: String, region: String, client: AWSClient) async throws {
    let der = try await client.send(GetPublicKey(key: key), region: region, log: nil)
    guard let publicKey = PublicKey(subjectPublicKeyInfo: der) else {
      throw Problem(
        "the KMS key cannot be used", on: key, because: "it is neither Ed25519 nor ECDSA P-256",
        fix: "Make one with the key spec ECC_NIST_EDWARDS25519 and the usage SIGN_VERIFY.")
    }
    self.key = key
    self.region = region
    self.client = client
    self.publicKey = publicKey
  }

  public func sign(_ message: [UInt8]) async throws -> [UInt8] {
    let request =
      switch publicKey {
      case .ed25519: SignMessage(key: key, message, algorithm: "ED25519_SHA_512")
      case .p256: SignMessage(key: key, message, algorithm: "ECDSA_SHA_256")
      }
    let signature = try await client.send(request, region: region, log: nil)
    guard publicKey.isValid(signature: signature, for: message) else {
      throw Problem(
        "the signature of KMS does not hold", on: key,
        because: "it does not verify with the key that KMS gave",
        fix: "Check that the endpoint is AWS KMS.")
    }
    return signature
  }
}

/// `kms:GetPublicKey`: SubjectPublicKeyInfo in DER.
struct GetPublicKey: JSONRequest {
  static let service = AWSService.kms
  static let action = "GetPublicKey"
  static let effect = RequestEffect.reads

  let key: String

  var input: JSONObject { ["KeyId": .string(key)] }
  var resources: [AWSResource] { [.regional("kms", "key/", nameOrARN: key)] }

  static func answer(from result: JSONValue) throws -> [UInt8] {
    try KMSBytes.field("PublicKey", of: result, action)
  }
}

/// `kms:Sign` of a message of at most 4,096 bytes, which KMS hashes itself. A signature changes
/// nothing: the call may be repeated.
struct SignMessage: JSONRequest {
  static let service = AWSService.kms
  static let action = "Sign"
  static let effect = RequestEffect.reads

  let key: String
  let input: JSONObject
  var resources: [AWSResource] { [.regional("kms", "key/", nameOrARN: key)] }

  init(key: String, _ message: [UInt8], algorithm: String) {
    self.key = key
    input = [
      "KeyId": .string(key), "Message": .string(Base64.encode(message)),
      "MessageType": "RAW", "SigningAlgorithm": .string(algorithm),
    ]
  }

  static func answer(from result: JSONValue) throws -> [UInt8] {
    try KMSBytes.field("Signature", of: result, action)
  }
}

private enum KMSBytes {
  static func field(
    _ name: String, of result: JSONValue, _ action: String
  ) throws(Problem) -> [UInt8] {
    guard let bytes = result[name]?.stringValue.flatMap({ Base64.decode($0) }) else {
      throw Problem(
        "cannot read the answer to \(action)", on: name,
        because: "the field that the API promises is missing",
        fix: "Check that the endpoint is AWS KMS.")
    }
    return bytes
  }
}
