import RunEngine
import StrictJSON
import Testing

@testable import Recoveries

@Suite struct PolicyDocumentTests {
  /// A call that is allowed for one key of KMS alone.
  private func decryption(_ key: Int) -> PlannedCall {
    PlannedCall(
      "kms:Decrypt", in: "us-east-1", effect: .reads,
      permissions: [
        CallPermission(
          .aws, "kms:Decrypt", on: ["arn:aws:kms:*:*:key/\(key)"],
          conditions: [.init(test: "StringEquals", key: "kms:ViaService", value: "s3.\(key)")])
      ], command: [])
  }

  /// A policy is kept under version control: what did not change must not look changed.
  @Test func statementsOfOneActionStandInOneOrder() throws {
    for _ in 0..<20 {
      let policy = PolicyDocument(
        allowing: (0..<8).map(decryption).shuffled(), withoutNames: [], account: nil)
      let statements = try #require(policy.json.objectValue?["Statement"]?.arrayValue)
      #expect(
        statements.map { $0.objectValue?["Resource"] }
          == (0..<8).map { .array([.string("arn:aws:kms:*:*:key/\($0)")]) })
      #expect(
        statements.map { $0.objectValue?["Sid"] } == (1...8).map { .string("MosaicDr\($0)") })
    }
  }
}
