import AWSClient
import RunEngine
import RunJournal

/// What keys of KMS mean for the calls to a bucket.
extension S3Side {
  /// A call about an object, with what S3 does with the bucket's keys for it.
  ///
  /// - Parameter source: the bucket that the call copies from.
  func plan<Request: S3ObjectRequest>(
    _ request: Request, copyingFrom source: S3Side? = nil
  ) -> PlannedCall {
    aws.plan(
      request,
      further: keyPermissions(Request.keyActions)
        + (source?.keyPermissions(GetSmallObject.keyActions) ?? []))
  }

  /// Only S3 may use the keys, for what is asked of it in the bucket's region.
  private func keyPermissions(_ actions: [String]) -> [IAMPermission] {
    guard !keys.isEmpty else { return [] }
    let through = IAMPermission.Condition(
      "StringEquals", "kms:ViaService", AWSService.s3.keyUser(in: aws.region))
    return actions.map { IAMPermission($0, keys.map { .arn($0) }, [through]) }
  }

  /// Says so when something encrypts the bucket's objects with a key that the plan does not state.
  func noteUnstated(_ key: String?, of encrypting: String, _ context: StepContext) {
    guard let key, !states(key) else { return }
    context.note(
      Finding(
        .warning,
        "\(encrypting) encrypts with KMS key \(key), which the plan does not state for \(bucket): "
          + "'mosaic-dr permissions' leaves it out."))
  }

  /// The ARN of a key that S3 names, by which policies know it; nil when neither S3 nor the plan tells.
  func keyARN(_ key: String?) -> String? {
    guard let key, !KMSKeyName(key).isAlias else { return nil }
    return key.hasPrefix("arn:") ? key : keys.first { $0.hasSuffix("/\(key)") }
  }

  /// Whether the plan states a key, which S3 may name by its identifier alone. Nobody needs leave for the
  /// key that AWS manages; which key another alias stands for is not asked.
  func states(_ key: String) -> Bool {
    if KMSKeyName(key).isAlias {
      return key.hasSuffix("alias/aws/s3") || !keys.isEmpty
    }
    return keys.contains { $0 == key || $0.hasSuffix("/\(key)") }
  }
}

/// A key of KMS as S3 names it: by ARN, identifier or alias.
struct KMSKeyName {
  private let text: String

  init(_ text: String) { self.text = text }

  var isAlias: Bool { text.contains(":alias/") || text.hasPrefix("alias/") }

  /// Where the key is; nil when its name does not tell.
  var region: String? {
    let parts = text.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false)
    return parts.count == 6 && parts[0] == "arn" ? String(parts[3]) : nil
  }

  /// Whether both name a key, and not the same one: which key an alias stands for is not asked.
  func isOther(than other: KMSKeyName) -> Bool {
    guard !isAlias, !other.isAlias else { return false }
    return identifier != other.identifier
      || region.flatMap { own in other.region.map { $0 != own } } ?? false
  }

  private var identifier: Substring { text.split(separator: "/").last ?? "" }
}
