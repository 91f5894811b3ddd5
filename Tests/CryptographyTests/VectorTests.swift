import Cryptography
import Testing

@Suite struct VectorTests {
  @Test func sha256OfFIPS180() {
    #expect(
      SHA256.digest(of: Array("abc".utf8)).hex
        == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    var parts = SHA256()
    parts.update(Array("a".utf8))
    parts.update(Array("bc".utf8))
    #expect(parts.finalized() == SHA256.digest(of: Array("abc".utf8)))
  }

  /// A text at once and in parts are libcrypto's and libsodium's work; every length around ends of blocks.
  @Test func sha256AtOnceAndInPartsIsTheSame() {
    for count in Array(0...260) + [4_095, 4_096, 1 << 20] {
      let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ count) }
      var parts = SHA256()
      parts.update(Array(bytes.prefix(count / 3)))
      parts.update(Array(bytes.dropFirst(count / 3)))
      #expect(SHA256.digest(of: bytes) == parts.finalized(), "\(count)")
    }
  }

  @Test func aPreparedKeyIsGoodForManyMessages() {
    for length in [0, 1, 32, 63, 64, 65, 200] {
      let key = [UInt8](repeating: 0x6B, count: length)
      let prepared = HMACSHA256.PreparedKey(key)
      for count in [0, 3, 64, 500, 0] {
        let message = [UInt8](repeating: 0x6D, count: count)
        #expect(prepared.authenticate(message) == HMACSHA256.authenticate(message, key: key))
      }
    }
  }

  @Test(arguments: [
    (
      "4a656665", "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
      "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    ),
    (
      String(repeating: "aa", count: 131),
      "54657374205573696e67204c6172676572205468616e20426c6f636b2d53697a65204b6579202d2048617368204b6579204669727374",
      "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
    ),
  ])
  func hmacOfRFC4231(key: String, message: String, code: String) throws {
    let key = try #require(Hex.decode(key))
    let message = try #require(Hex.decode(message))
    #expect(Hex.encode(HMACSHA256.authenticate(message, key: key)) == code)
  }

  @Test func ed25519OfRFC8032() throws {
    let seed = try #require(
      Hex.decode("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"))
    let key = try #require(Ed25519.SigningKey(seed: seed))
    #expect(
      Hex.encode(key.verifyingKey.bytes)
        == "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
    let signature = key.sign([0x72])
    #expect(
      Hex.encode(signature)
        == "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
    )
    #expect(key.verifyingKey.isValid(signature: signature, for: [0x72]))
    #expect(!key.verifyingKey.isValid(signature: signature, for: [0x73]))
    #expect("\(key)" == "[redacted]")
  }

  @Test func base64IsStrict() {
    for text in ["", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy"] {
      #expect(Base64.decode(text).map(Base64.encode) == text)
    }
    for text in ["Zg", "Zg=", "Zh==", "Zm9=", "Zm9v\n", "Z===", "====", "-_8="] {
      #expect(Base64.decode(text) == nil, "\(text)")
    }
    #expect(Base64.decode("-_8=", acceptingURLSafe: true) == [0xFB, 0xFF])
  }

  @Test func hexIsStrict() {
    #expect(Hex.decode("0aFF") == [10, 255])
    #expect(Hex.decode("0") == nil)
    #expect(Hex.decode("0g") == nil)
    let all = (UInt8.min...UInt8.max).map { $0 }
    #expect(Hex.decode(Hex.encode(all)) == all)
    #expect(Hex.encode([0x09, 0xA0, 0xFF]) == "09a0ff")
    #expect(Hex.encode([]) == "")
  }

  /// FIPS 180 examples, and a length at every side of a block's end.
  @Test func sha1() {
    let digest = { (text: String) in Hex.encode(SHA1.digest(of: Array(text.utf8))) }
    #expect(digest("") == "da39a3ee5e6b4b0d3255bfef95601890afd80709")
    #expect(digest("abc") == "a9993e364706816aba3e25717850c26c9cd0d89d")
    #expect(
      digest("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")
        == "84983e441c3bd26ebaae4aa1f95129e5e54670f1")
    #expect(digest(String(repeating: "a", count: 55)) == "c1c8bbdc22796e28c0e15163d20899b65621d65a")
    #expect(digest(String(repeating: "a", count: 56)) == "c2db330f6083854c99d4b5bfb6e8f29f201be699")
    #expect(digest(String(repeating: "a", count: 64)) == "0098ba824b5c16427bd7a1122a5a442a25ec644d")
  }

  /// RFC 1321 appendix A.5, whole and in parts; asking twice gives the same.
  @Test(arguments: [
    ("", "d41d8cd98f00b204e9800998ecf8427e"), ("abc", "900150983cd24fb0d6963f7d28e17f72"),
    ("message digest", "f96b697d7cb7938d525a2f31aaf161d0"),
    (
      "12345678901234567890123456789012345678901234567890123456789012345678901234567890",
      "57edf4a22be3c955ac49da2e2107b67a"
    ),
  ])
  func md5(text: String, expected: String) {
    var whole = MD5()
    whole.update(Array(text.utf8))
    var parts = MD5()
    for byte in text.utf8 { parts.update([byte]) }
    #expect(whole.finalized().hex == expected)
    #expect(whole.finalized() == parts.finalized())
  }
}
