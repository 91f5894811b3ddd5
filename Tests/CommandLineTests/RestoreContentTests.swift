import Foundation
import Testing

/// What a restore brought back is held against what the backup holds; and a restore that broke off is
/// asked for again.
@Suite(
  .enabled(if: Tool.labIsUp && Tool.clusterIsUp, "no lab with a cluster is up: run scripts/test"))
struct RestoreContentTests {
  let tool: Tool

  init() throws { tool = try Tool() }

  @Test func aRestoreThatBrokeOffIsAskedForAgainAndBothAreRemoved() throws {
    try tool.fault(#"{"kind": "velero-restart", "instance": "mosaic-dr-again"}"#)
    let drill = try tool.run("drill", "--plan", try tool.smallClusterPlan("again"))
    #expect(drill.status == 0, "\(drill.errors)")
    #expect(drill.errors.contains("during the server starting"), "\(drill.errors)")
    // What the first one made of a volume is not vouched for.
    #expect(drill.output.contains("from an attempt that broke off"), "\(drill.output)")
    #expect(drill.output.contains("PASS_WITH_EXCEPTIONS"), "\(drill.output)")
    #expect(try tool.veleroRestores(of: "again") == 2)
    #expect(try tool.clusterIsClean(of: "again"))
    let run = try #require(try tool.runs().first)
    let report = try tool.run("report", run, "--format", "json").output
    let second = "mosaic-dr-again-\(run.suffix(10).lowercased())-r2"
    #expect(report.contains("\"\(second)\""), "\(second)")
  }

  /// Velero calls it `Completed`.
  @Test func whatDidNotComeBackIsNamed() throws {
    try tool.fault(#"{"kind": "velero-lose", "instance": "mosaic-dr-lossy.* settings$"}"#)
    try tool.fault(#"{"kind": "velero-empty", "instance": "mosaic-dr-lossy.* data-neo4j-0$"}"#)
    let drill = try tool.run("drill", "--plan", try tool.smallClusterPlan("lossy"))
    #expect(drill.status == 0, "\(drill.errors)")
    #expect(drill.output.contains("PASS_WITH_EXCEPTIONS"), "\(drill.output)")
    #expect(
      drill.output.contains("1 objects of the backup did not come back"), "\(drill.output)")
    #expect(drill.output.contains("ConfigMap mosaic/settings"), "\(drill.output)")
    #expect(drill.output.contains("claims are back without the data"), "\(drill.output)")
    #expect(drill.output.contains("/data-neo4j-0"), "\(drill.output)")
  }

  /// The failure stands in the operations alone, not among the results.
  @Test func dataThatCouldNotBeBroughtBackIsNamed() throws {
    try tool.fault(#"{"kind": "velero-volume", "instance": "mosaic-dr-torn.* data-neo4j-0$"}"#)
    let drill = try tool.run("drill", "--plan", try tool.smallClusterPlan("torn"))
    #expect(drill.status == 4, "\(drill.errors)")
    #expect(drill.errors.contains("Failed to run kopia restore: connection reset"))
    #expect(try tool.clusterIsClean(of: "torn"))
  }

  @Test func aBackupWithoutTheDataOfAVolumeIsAnException() throws {
    _ = try tool.lab(
      "kubernetes", "backup", #"{"minutes": 5, "schedule": "hollow-apps", "hollow": true}"#)
    let drill = try tool.run(
      "drill", "--plan",
      try tool.smallClusterPlan("hollow", ["schedule: daily-apps": "schedule: hollow-apps"]))
    #expect(drill.status == 0, "\(drill.errors)")
    #expect(drill.output.contains("holds no data of 1 claim(s)"), "\(drill.output)")
    #expect(drill.output.contains("VolumePolicy"), "\(drill.output)")
    #expect(drill.output.contains("PASS_WITH_EXCEPTIONS"))
  }

  /// With kubectl alone; what Velero's command line would tell besides is only looked at.
  @Test func theCommandsOfTheRunbookBringTheNamespaceBack() throws {
    let plan = try tool.clusterPlan("hands", Tool.plainCluster)
    let runbook = try tool.run("runbook", "--plan", plan)
    #expect(runbook.output.contains("velero --kubecontext eks-dr -n velero restore describe"))
    #expect(runbook.output.contains("restore logs mosaic-dr-hands-0000byhand"))
    let byHand = try tool.bash(Tool.script(of: runbook.output))
    #expect(byHand.status == 0, "\(byHand.output)\n\(runbook.output)")
    #expect(byHand.output.contains("Completed"), "\(byHand.output)")
    let made = try tool.bash(
      "kubectl --context eks-dr -n plain get deployments.apps echo -o name; "
        + "kubectl --context eks-dr -n velero get restores -l dr.mosaic.life/run -o name")
    #expect(made.output.contains("deployment.apps/echo"), "\(made.output)")
    #expect(made.output.contains("mosaic-dr-hands-0000byhand"), "\(made.output)")
  }
}
