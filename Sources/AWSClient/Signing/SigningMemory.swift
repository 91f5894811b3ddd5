import HTTPClient

/// What signatures of one client have in common: those of a second often differ only in what they ask for.
final class SigningMemory: Sendable {
  /// What a scope is made of.
  struct ScopeMatter: Equatable {
    let accessKeyID: String
    let second: Int64
    let region: String
    let service: String
  }

  let keys = SigningKeys()
  let scopes = Latest<ScopeMatter, CredentialScope>()
  /// The header fields hold no more than the credentials that are kept beside them.
  let fields = Latest<[HTTPHeader], SignedFields>()
}
