import RecoveryPlan

extension FieldType where Value == String {
  /// A role that a service acts as.
  static func role(_ name: String) -> FieldType {
    .matching(
      "the ARN of a role", pattern: "^arn:", example: "arn:aws:iam::123456789012:role/\(name)",
      where: { $0.hasPrefix("arn:") })
  }
}
