import Foundation
import PositionedYAML
import Testing

@testable import Recoveries
@testable import RecoveryPlan

/// Plans that are made of other plans.
@Suite struct InclusionTests {
  private func text(_ name: String, includes: String = "", needs: String = "") -> String {
    """
    apiVersion: dr.mosaic.life/v1
    kind: RecoveryPlan
    metadata: {name: \(name)}
    spec:
      objectives: {rto: 1h}
      regions: {primary: us-east-1, recovery: us-west-2}
      \(includes)
      components:
        - name: db
          \(needs)
          rds:
            instance: \(name)
            target: {subnetGroup: s, securityGroups: [sg-0d4d4d4d4d4d4d4d4]}
            access: {database: d, user: u}
    """
  }

  private func read(
    _ files: [String: String], _ name: String
  ) -> (plan: RecoveryPlan?, diagnostics: [Diagnostic]) {
    PlanReader(kinds: ComponentKinds.all) { name in
      files[name].map { PlanReader.Source(file: "\(name).yaml", bytes: Array($0.utf8)) }
    }.read(Array((files[name] ?? "").utf8), file: "\(name).yaml")
  }

  @Test func includedComponentsHaveTheirPlansNameAndTheOrderHolds() throws {
    let files = [
      "region": text(
        "region", includes: "include: [{plan: data}, {plan: apps, dependsOn: [data, db]}]"),
      "data": text("data", includes: "include: [{plan: core}]", needs: "dependsOn: [core]"),
      "core": text("core"), "apps": text("apps"),
    ]
    let (plan, diagnostics) = read(files, "region")
    #expect(diagnostics == [])
    let family = try #require(plan).family.map(\.name)
    #expect(family == ["region", "data", "core", "apps"])
    let members = PlanComposition.components(of: try #require(plan))
    let needs = Dictionary(
      uniqueKeysWithValues: members.map { ($0.component.name, Set($0.component.dependsOn)) })
    #expect(
      needs == [
        "db": [], "data/db": ["data/core/db"], "data/core/db": [],
        "apps/db": ["data/db", "data/core/db", "db"],
      ])
    #expect(members.first { $0.component.name == "data/core/db" }?.plan.name == "core")
  }

  @Test func aMistakeInAnIncludedPlanIsToldInItsOwnFile() {
    let files = [
      "region": text("region", includes: "include: [{plan: data}]"),
      "data": text("data").replacingOccurrences(of: "rto: 1h", with: "rto: soon"),
    ]
    let (plan, diagnostics) = read(files, "region")
    #expect(plan == nil)
    #expect(diagnostics.map(\.file) == ["data.yaml"])
    #expect(diagnostics.first?.rendered.contains("objectives: {rto: soon}") == true)
  }

  @Test func plansThatIncludeEachOtherAreRefused() {
    let files = [
      "a": text("a", includes: "include: [{plan: b}]"),
      "b": text("b", includes: "include: [{plan: a}]"),
    ]
    let (plan, diagnostics) = read(files, "a")
    #expect(plan == nil)
    #expect(diagnostics.map(\.message) == ["plans include each other: a → b → a"])
  }

  @Test func depthHasABound() {
    let files = Dictionary(
      uniqueKeysWithValues: (0..<20).map {
        ("p\($0)", text("p\($0)", includes: "include: [{plan: p\($0 + 1)}]"))
      })
    #expect(read(files, "p0").diagnostics.contains { $0.message.contains("nested too deep") })
  }
}
