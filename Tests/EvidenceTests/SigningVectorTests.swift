import Cryptography
import Foundation
import Platform
import StrictJSON
import Testing

@testable import Evidence

/// Vectors made with OpenSSL, minisign, OpenSSH and Python; see the comment in each file.
@Suite struct SigningVectorTests {
  private let dsse: [String: Any]
  private let minisign: [String: Any]
  private let key: Ed25519.SigningKey
  private let p256: PublicKey

  init() throws {
    dsse = try Fixture.vector("dsse")
    minisign = try Fixture.vector("minisign-sshsig")
    key = try #require(Ed25519.SigningKey(seed: Array(0..<32)))
    p256 = try #require((dsse["p256_public_pem"] as? String).flatMap { PublicKey(pem: $0) })
  }

  private func bytes(_ name: String, in object: [String: Any]) throws -> [UInt8] {
    try #require((object[name] as? String).flatMap { Hex.decode($0) })
  }

  private func text(_ name: String, in object: [String: Any]) throws -> String {
    try #require(object[name] as? String)
  }

  private func envelope(_ object: Any) throws -> Envelope {
    let data = try JSONSerialization.data(withJSONObject: object)
    return try #require(Envelope(json: try JSONValue(parsing: Array(data))))
  }

  @Test func keysHaveTheIdentifiersThatOpenSSLGivesThem() throws {
    let mine = PublicKey.ed25519(key.verifyingKey)
    #expect(mine.identifier == (try text("keyid_ed25519", in: dsse)))
    #expect(mine.pem == (try text("ed25519_public_pem", in: dsse)))
    #expect(p256.identifier == (try text("keyid_p256", in: dsse)))
    #expect(p256.pem == (try text("p256_public_pem", in: dsse)))
  }

  @Test func theEncodingBeforeSigningIsThatOfDSSE() throws {
    for item in try #require(dsse["pae_small_cases"] as? [[String: String]]) {
      let encoded = Envelope.preAuthenticationEncoding(
        type: item["type"] ?? "", payload: Array((item["body_utf8"] ?? "").utf8))
      #expect(String(decoding: encoded, as: UTF8.self) == item["pae_utf8"])
    }
    let known = try #require(dsse["envelope"])
    #expect(try envelope(known).message == (try bytes("pae_hex", in: dsse)))
  }

  @Test func bothKeysOfAnEnvelopeCountAndEachOnce() async throws {
    let object = try #require(dsse["envelope"])
    let known = try envelope(object)
    let mine = PublicKey.ed25519(key.verifyingKey)
    #expect(known.signers(among: [mine, p256, mine, p256]) == [mine, p256])
    let made = try await Envelope(
      signing: known.payload, type: known.payloadType, with: [LocalSigner(key), LocalSigner(key)])
    #expect(made.signatures.count == 1)
    #expect(Base64.encode(made.signatures[0].bytes) == (try text("sig_ed25519_b64", in: dsse)))
    #expect(
      String(decoding: known.payload, as: UTF8.self) == (try text("statement_utf8", in: dsse)))
  }

  @Test func whatMustFailFails() throws {
    let pae = try bytes("pae_hex", in: dsse)
    let (first, second) = (
      try text("sig_ed25519_b64", in: dsse), try text("sig_p256_der_b64", in: dsse)
    )
    let signature = try #require(Base64.decode(first))
    let other = try #require(Base64.decode(second))
    let mine = PublicKey.ed25519(key.verifyingKey)
    #expect(mine.isValid(signature: signature, for: pae))
    #expect(p256.isValid(signature: other, for: pae))
    for bit in 0..<(pae.count * 8) {
      var changed = pae
      changed[bit / 8] ^= 1 << (bit % 8)
      #expect(!mine.isValid(signature: signature, for: changed))
      if bit % 16 == 0 { #expect(!p256.isValid(signature: other, for: changed)) }
    }
    var object = try #require(dsse["envelope"] as? [String: Any])
    object["payloadType"] = "application/json"
    #expect(try envelope(object).signers(among: [mine, p256]).isEmpty)
    let known = try #require(dsse["envelope"])
    let payload = try envelope(known).payload
    #expect(!mine.isValid(signature: signature, for: payload))
    #expect(!mine.isValid(signature: [], for: pae))
    #expect(!p256.isValid(signature: [], for: pae))
  }

  @Test func theBundleForCosignHoldsAnEnvelopeThatVerifies() throws {
    let bundle = try Fixture.vector("sigstore-bundle-p256")
    let object = try #require(bundle["dsseEnvelope"])
    let inside = try envelope(object)
    #expect(inside.signers(among: [p256]) == [p256])
  }

  @Test func minisignFilesAreByteForByteThoseOfMinisign() async throws {
    let vector = try #require(minisign["minisign"] as? [String: Any])
    let frame = try bytes("report_zst_hex", in: dsse)
    let clear = try text("secret_key_file_unencrypted", in: vector)
    let secret = try #require(MinisignSecretKey(clear, passphrase: nil))
    #expect(secret.key.seed == key.seed)
    #expect(secret.publicKey.file == (try text("public_key_file", in: vector)))
    let made = try await Minisign.sign(
      frame, comment: try text("trusted_comment", in: vector), key: secret.publicKey,
      with: LocalSigner(key))
    let theirs = try text("minisig_file", in: vector)
    #expect(made == theirs)
    let file = try #require(Minisign.SignatureFile(theirs))
    #expect(file.isValid(for: frame, by: key.verifyingKey))
    #expect(!file.isValid(for: frame + [0], by: key.verifyingKey))
    let lie = try #require(
      Minisign.SignatureFile(
        theirs.replacingOccurrences(of: "verdict:failed", with: "verdict:passed")))
    #expect(!lie.isValid(for: frame, by: key.verifyingKey))
    #expect(Minisign.SignatureFile(try text("legacy_minisig_file", in: vector)) == nil)
    #expect(
      Hex.encode(BLAKE2b.digest(of: frame, count: 64)) == (try text("blake2b512_hex", in: vector)))
  }

  @Test func aProtectedKeyOpensWithItsPassphraseAlone() throws {
    let vector = try Fixture.vector("minisign-encrypted-key")
    let file = try text("file", in: vector)
    let right = Secret(Array(try text("passphrase", in: vector).utf8))
    #expect(MinisignSecretKey(file, passphrase: right)?.key.seed == key.seed)
    #expect(MinisignSecretKey(file, passphrase: Secret(Array("wrong".utf8))) == nil)
    #expect(MinisignSecretKey(file, passphrase: nil) == nil)
    let mine = try #require(
      MinisignSecretKey(key, number: Array(0..<8)).file(
        passphrase: right, salt: [UInt8](repeating: 7, count: 32)))
    #expect(MinisignSecretKey.isProtected(mine) == true)
    #expect(MinisignSecretKey(mine, passphrase: right)?.number == Array(0..<8))
    let clear = try #require(
      MinisignSecretKey(key, number: Array(0..<8)).file(passphrase: nil, salt: []))
    #expect(MinisignSecretKey(clear, passphrase: nil)?.key.seed == key.seed)
  }

  @Test func anAgentIsAskedAndUnderstoodAsOpenSSHDoesIt() throws {
    let vector = try Fixture.vector("ssh-agent")
    let request = AgentSigner.signRequest(key.verifyingKey, try bytes("pae_hex", in: dsse))
    #expect(AgentSigner.text(request) == (try bytes("request_hex", in: vector)))
    let reply = Array(try bytes("reply_hex", in: vector).dropFirst(4))
    #expect(AgentSigner.signature(reply) == (try bytes("signature_hex", in: vector)))
    #expect(AgentSigner.signature([5]) == nil)
    for count in 0..<reply.count {
      #expect(AgentSigner.signature(Array(reply.prefix(count))) == nil)
    }
  }

  @Test func otherFormsOverTheSameKeyVerify() throws {
    let ssh = try #require(minisign["sshsig"] as? [String: Any])
    #expect(
      key.verifyingKey.isValid(
        signature: try bytes("signature_hex", in: ssh), for: try bytes("tbs_hex", in: ssh)))
    #expect(
      try TrustFile.keys(try text("public_key_line", in: ssh), "t") == [.ed25519(key.verifyingKey)])
    let raw = try #require(minisign["openssl_raw_ed25519"] as? [String: Any])
    #expect(
      key.verifyingKey.isValid(
        signature: try bytes("sig_hex", in: raw), for: try bytes("report_zst_hex", in: dsse)))
    let object = try #require(minisign["jws"] as? [String: Any])
    let jws = try text("compact", in: object)
    let parts = jws.split(separator: ".").map(String.init)
    let padded = parts[2] + String(repeating: "=", count: (4 - parts[2].count % 4) % 4)
    let signature = try #require(Base64.decode(padded, acceptingURLSafe: true))
    #expect(
      key.verifyingKey.isValid(
        signature: signature, for: Array("\(parts[0]).\(parts[1])".utf8)))
  }

  @Test func aTrustFileHoldsKeysOfEveryForm() throws {
    let object = try #require(minisign["minisign"] as? [String: Any])
    let pub = try text("public_key_file", in: object)
    let text = "# the tool\n\(pub)\n# the auditor\n\(p256.pem)"
    #expect(try TrustFile.keys(text, "t") == [.ed25519(key.verifyingKey), p256])
    #expect(throws: Problem.self) { try TrustFile.keys("# nothing\n", "t") }
    #expect(throws: Problem.self) { try TrustFile.keys("RWnonsense\n", "t") }
  }
}
