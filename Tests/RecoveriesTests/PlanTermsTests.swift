import RecoveryPlan
import Testing

@testable import Recoveries

/// What a change of a plan means beside its steps.
@Suite struct PlanTermsTests {
  private func plan(_ replacements: [String: String] = [:]) throws -> RecoveryPlan {
    var text = """
      apiVersion: dr.mosaic.life/v1
      kind: RecoveryPlan
      metadata: {name: core, owner: platform, tags: {Env: prod, Team: a}}
      spec:
        objectives: {rto: 1h, rpo: 5m}
        regions: {primary: us-east-1, recovery: us-west-2}
        approvals: {restore: 1, drill: 0}
        schedule: {every: month}
        timeout: 1d
        components:
          - name: db
            rds:
              instance: core
              target: {class: db.r6g.large, subnetGroup: dr, securityGroups: [sg-0d4d4d4d]}
              access: {database: a, user: b, password: {env: P}}
      """
    for (old, new) in replacements { text = text.replacing(old, with: new) }
    let (plan, diagnostics) = PlanReader(kinds: ComponentKinds.all).read(
      Array(text.utf8), file: "core.yaml")
    return try #require(plan, "\(diagnostics)")
  }

  private func told(_ replacements: [String: String]) throws -> [String] {
    PlanTerms(old: try plan(), new: try plan(replacements)).changes.map(\.text)
  }

  @Test func aPlanDoesNotDifferFromItself() throws { #expect(try told([:]) == []) }

  @Test(arguments: [
    (
      "rto: 1h", "rto: 30m",
      "objective rto: 1 h 00 m → 30 m 00 s: a run that was good enough may miss it"
    ),
    (
      "rpo: 5m", "rpo: 10m",
      "objective rpo: 5 m 00 s → 10 m 00 s: a run that missed it may be good enough"
    ),
    (", rpo: 5m", "", "objective rpo: 5 m 00 s → none: runs are no longer judged by it"),
    (
      "recovery: us-west-2", "recovery: eu-central-1",
      "recovery region: us-west-2 → eu-central-1: everything is made in eu-central-1; what it needs "
        + "has to be there"
    ),
    (
      "primary: us-east-1", "primary: us-east-2",
      "primary region: us-east-1 → us-east-2: the loss is taken to be in us-east-2, which is only read"
    ),
    (
      "restore: 1", "restore: 0",
      "approvals of a restore: 1 → 0: approval is no longer asked for; a restore begins at once"
    ),
    (
      "drill: 0", "drill: 2",
      "approvals of a drill: 0 → 2: a drill changes nothing before 2 people have agreed"
    ),
    (
      "every: month", "every: quarter",
      "schedule: every month → every quarter: drills are due every quarter; write the timers again"
    ),
    (
      "  schedule: {every: month}\n", "",
      "schedule: every month → none: drills are never due; remove the timers"
    ),
    ("Env: prod", "Env: stage", "tag Env: prod → stage: all that is made has it"),
    (", Team: a", "", "tag Team: a → none: nothing that is made has it any more"),
    (
      "timeout: 1d", "timeout: 2h",
      "timeout of a run: 1 d 00 h → 2 h 00 m: what has not begun by then is given up"
    ),
    ("owner: platform", "owner: data", "owner: platform → data: data answers for it"),
    (
      "subnetGroup: dr,", "subnetGroup: dr, sharesProduction: no other network,",
      "db: drills in production's network: refused → allowed (no other network): a drill may run "
        + "beside production"
    ),
    (
      "instance: core\n", "instance: core\n        production: {subnetGroups: [prod]}\n",
      "db: production's network: that of what is lost → prod: drills keep out of it"
    ),
  ])
  func aTermIsToldWithWhatFollows(old: String, new: String, words: String) throws {
    #expect(try told([old: new]) == [words])
  }

  @Test func whatAnIncludedPlanAsksForCountsForTheWhole() throws {
    let whole = """
      apiVersion: dr.mosaic.life/v1
      kind: RecoveryPlan
      metadata: {name: region}
      spec:
        objectives: {rto: 1h}
        regions: {primary: us-east-1, recovery: us-west-2}
        include: [{plan: core}]
      """
    let read = { (part: RecoveryPlan) throws -> RecoveryPlan in
      let reader = PlanReader(kinds: ComponentKinds.all) { _ in
        PlanReader.Source(file: "core.yaml", bytes: part.bytes)
      }
      return try #require(reader.read(Array(whole.utf8), file: "region.yaml").plan)
    }
    let new = try plan(["restore: 1": "restore: 2", "Env: prod": "Env: stage"])
    let changes = PlanTerms(old: try read(try plan()), new: try read(new)).changes
    #expect(changes.map(\.term) == ["approvals of a restore", "core: tag Env"])
  }
}
