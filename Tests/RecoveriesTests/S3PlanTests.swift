import RecoveryPlan
import Testing

@testable import Recoveries

/// Combinations in an `s3` component that cannot work.
@Suite struct S3PlanTests {
  private func diagnostics(_ fields: [String]) -> [Diagnostic] {
    let own = ["name: media", "s3:", "  source: media", "  replica: media-dr"]
    return readPlan((own + fields.map { "  \($0)" }).joined(separator: "\n")).diagnostics
  }

  private static let role = "batchRole: arn:aws:iam::123456789012:role/batch"
  private static let place = "{bucket: reports, prefix: a/b/c/}"

  @Test(arguments: [
    (["repair: copy", "versions: true"], "never mends a comparison of versions"),
    (["repair: copy", "compare: none"], "repair needs a full comparison"),
    (["repair: copy", "compare: {sample: 100}"], "repair needs a full comparison"),
    (["repair: batch", role, "compare: {sample: 100}"], "repair needs a full comparison"),
    (["repair: copy", "rehydrate: {target: media-new}"], "either fills another bucket or mends"),
  ])
  func aRepairThatCannotWorkIsToldWithItsPlace(fields: [String], words: String) throws {
    let found = diagnostics(fields)
    #expect(found.count == 1)
    let rendered = try #require(found.first?.rendered)
    #expect(rendered.contains(words), "\(rendered)")
    #expect(rendered.contains("a.yaml:12:"), "\(rendered)")
  }

  @Test func aBucketIsNotFilledFromItself() {
    let found = diagnostics(["rehydrate: {target: media-dr}"])
    #expect(found.count == 1)
    #expect(found.first?.rendered.contains("the one it is filled from") == true)
  }

  @Test func whatWorksIsNoMistake() {
    for fields in [
      ["repair: batch", Self.role, "versions: true"], ["repair: copy"],
      ["repair: copy", "inventory: {source: \(Self.place), replica: \(Self.place)}"],
      ["compare: none", "canary: true"], ["rehydrate: {target: media-new, drill: [a/]}"],
    ] {
      #expect(diagnostics(fields).isEmpty, "\(fields): \(diagnostics(fields).map(\.rendered))")
    }
  }
}
