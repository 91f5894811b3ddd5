import CCrypto

/// A digest of libcrypto under way. Owned by one digest value, and never shared.
final class DigestState {
  private let context = EVP_MD_CTX_new()

  init(_ algorithm: OpaquePointer?) { EVP_DigestInit_ex(context, algorithm, nil) }

  deinit { EVP_MD_CTX_free(context) }

  func update(_ bytes: [UInt8]) { EVP_DigestUpdate(context, bytes, bytes.count) }

  /// The digest of all so far; empty, and so equal to none, where libcrypto refuses the algorithm.
  func finalized() -> [UInt8] {
    let copy = EVP_MD_CTX_new()
    defer { EVP_MD_CTX_free(copy) }
    var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
    var count: UInt32 = 0
    guard EVP_MD_CTX_copy_ex(copy, context) == 1,
      EVP_DigestFinal_ex(copy, &digest, &count) == 1
    else { return [] }
    return Array(digest.prefix(Int(count)))
  }
}
