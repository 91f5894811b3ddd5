import RecoveryPlan

extension FieldType where Value == String {
  /// A key as policies name it: never by an alias.
  static var keyARN: FieldType {
    .matching(
      "the ARN of a KMS key", pattern: "^arn:[^:]+:kms:[^:]+:[^:]+:key/.+$",
      example: "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    ) { text in
      let parts = text.split(separator: ":", maxSplits: 5)
      return parts.count == 6 && parts[0] == "arn" && parts[2] == "kms"
        && parts[5].hasPrefix("key/") && parts[5].utf8.count > 4
    }
  }
}
