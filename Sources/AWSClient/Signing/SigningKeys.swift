import Cryptography
import Platform
import Synchronization

/// The keys that requests are signed with: each is good for one day, region and service, and deriving it
/// takes four of the five HMACs of a signature.
final class SigningKeys: Sendable {
  /// What a key is derived from.
  struct Scope: Hashable {
    let accessKeyID: String
    /// As in `20261124`.
    let day: String
    let region: String
    let service: String
  }

  private struct Kept {
    let secret: Secret<String>
    let key: Secret<HMACSHA256.PreparedKey>
  }

  /// More are not kept: a run speaks to few services, in few regions.
  private static let maximumKept = 64

  private let kept = Mutex<[Scope: Kept]>([:])

  /// The key that `secret` gives in a scope (IAM User Guide, "Create a signed AWS API request", step 4).
  func key(_ scope: Scope, secret: Secret<String>) -> HMACSHA256.PreparedKey {
    if let known = kept.withLock({ $0[scope] }), known.secret.reveal() == secret.reveal() {
      return known.key.reveal()
    }
    let bytes = [scope.day, scope.region, scope.service, CredentialScope.termination].reduce(
      Array("AWS4\(secret.reveal())".utf8)
    ) { key, part in
      HMACSHA256.authenticate(Array(part.utf8), key: key)
    }
    let key = HMACSHA256.PreparedKey(bytes)
    kept.withLock { kept in
      if kept.count >= Self.maximumKept { kept = [:] }
      kept[scope] = Kept(secret: secret, key: Secret(key))
    }
    return key
  }
}
