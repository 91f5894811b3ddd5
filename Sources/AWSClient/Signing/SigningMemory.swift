import HTTPClient
import Platform

/// What signatures of one client have in common: those of a second often differ only in what they ask for.
final class SigningMemory: Sendable {
  /// What a scope is made of.
  struct ScopeMatter: Equatable {
    let accessKeyID: String
    let second: Int64
    let region: String
    let service: String
  }

  /// What signed fields are made of: bytes, for texts that Unicode holds for equal are not signed alike.
  struct FieldMatter: Equatable {
    let headers: [HTTPHeader]

    static func == (left: Self, right: Self) -> Bool {
      left.headers.count == right.headers.count
        && zip(left.headers, right.headers).allSatisfy { one, other in
          one.name.hasSameBytes(as: other.name) && one.value.hasSameBytes(as: other.value)
        }
    }
  }

  let keys = SigningKeys()
  let scopes = Latest<ScopeMatter, CredentialScope>()
  /// The header fields hold no more than the credentials that are kept beside them.
  let fields = Latest<FieldMatter, SignedFields>()
}
