import Foundation
import RecoveryPlan
import Testing

@testable import Recoveries

/// What of a plan a drill has proven, and what may change without another one.
@Suite struct ExecutedDigestTests {
  private static let shipped = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appending(path: "plans/rds-prod.yaml")

  private func read(_ old: String = "", _ new: String = "") throws -> RecoveryPlan {
    var text = try String(contentsOf: Self.shipped, encoding: .utf8)
    if !old.isEmpty {
      #expect(text.contains(old), "\(old)")
      text = text.replacingOccurrences(of: old, with: new)
    }
    let (plan, diagnostics) = PlanReader(kinds: ComponentKinds.all).read(
      Array(text.utf8), file: "a.yaml")
    return try #require(plan, "\(diagnostics.map(\.rendered))")
  }

  @Test(arguments: [
    ("every: quarter", "every: month"),
    ("owner: platform@mosaic.example", "owner: \"data@mosaic.example\""),
    ("apiVersion:", "# A comment.\napiVersion:"),
    ("rto: 60m, rpo: 5m", "rpo: 5m, rto: '60m'"),
    ("  objectives:", "  scenario: a lost region\n  controls: [\"SOC 2: CC7.5\"]\n  objectives:"),
  ])
  func whatIsNotExecutedProvesNothing(old: String, new: String) throws {
    let (before, after) = (try read(), try read(old, new))
    #expect(before.digest != after.digest)
    #expect(before.executedDigest == after.executedDigest)
  }

  @Test(arguments: [
    ("rto: 60m", "rto: 30m"), ("rpo: 5m", "rpo: 10m"),
    ("recovery: us-west-2", "recovery: eu-west-1"),
    (">= 100000", ">= 1"), ("subnetGroup: dr-private", "subnetGroup: other"),
    ("Env: prod", "Env: test"), ("  objectives:", "  timeout: 2h\n  objectives:"),
    ("  objectives:", "  approvals: {drill: 1}\n  objectives:"),
    ("name: core-db", "name: main-db"),
  ])
  func whatIsExecutedHasToBeProvenAgain(old: String, new: String) throws {
    #expect(try read().executedDigest != read(old, new).executedDigest)
  }
}
