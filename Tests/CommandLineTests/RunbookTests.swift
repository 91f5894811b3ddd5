import Foundation
import Testing

/// What a person does by hand from the runbook ends like what the engine does: with the real AWS
/// command line and psql, against the lab.
@Suite(.serialized, .enabled(if: Tool.labIsUp, "the lab is not up: run scripts/test"))
struct RunbookTests {
  let tool: Tool

  init() throws {
    tool = try Tool()
    _ = try tool.lab("faults", "clear")
  }

  private static let whatElseTheLostOneHad = """
    aws rds modify-db-instance --region us-west-2 \
      --db-instance-identifier mosaic-prod-core-restored-0000byhand --apply-immediately \
      --monitoring-interval 60 --monitoring-role-arn arn:aws:iam::123456789012:role/mosaic-monitoring \
      --enable-iam-database-authentication \
      --cloudwatch-logs-export-configuration EnableLogTypes=postgresql
    aws rds add-tags-to-resource --region us-west-2 --tags Key=Team,Value=memories --resource-name \
      arn:aws:rds:us-west-2:123456789012:db:mosaic-prod-core-restored-0000byhand
    sleep 5
    aws rds wait db-instance-available --region us-west-2 \
      --db-instance-identifier mosaic-prod-core-restored-0000byhand
    """

  /// What the instance is, without what names this one or the run that made it.
  private func state(of instance: String) throws -> NSDictionary {
    let told = try tool.bash(
      "aws rds describe-db-instances --region us-west-2 --db-instance-identifier \(instance)")
    #expect(told.status == 0, "\(told.output)")
    let json = try JSONSerialization.jsonObject(with: Data(told.output.utf8)) as? [String: Any]
    var state = try #require((json?["DBInstances"] as? [[String: Any]])?.first)
    for name in [
      "DBInstanceIdentifier", "DBInstanceArn", "DbiResourceId", "Endpoint", "InstanceCreateTime",
      "LatestRestorableTime",
    ] { state[name] = nil }
    let tags = try #require(state["TagList"] as? [[String: String]])
    state["TagList"] = tags.filter { $0["Key"]?.hasPrefix("mosaic-dr:") == false }
      .map { "\($0["Key"] ?? "")=\($0["Value"] ?? "")" }.sorted()
    return state as NSDictionary
  }

  @Test func theCommandsOfTheRunbookDoWhatTheEngineDoes() throws {
    let plan = try tool.plan()
    let restored = try tool.run("restore", "--plan", plan, "--yes")
    #expect(restored.status == 0, "\(restored.errors)")
    let run = try #require(try tool.runs().first)

    let runbook = try tool.run("runbook", "--plan", plan)
    #expect(runbook.status == 0)
    let byHand = try tool.bash(Tool.script(of: runbook.output))
    #expect(byHand.status == 0, "\(byHand.output)")
    // What else the lost one had, its description tells.
    let rest = try tool.bash(Self.whatElseTheLostOneHad)
    #expect(rest.status == 0, "\(rest.output)")

    let made = try state(of: "mosaic-prod-core-restored-\(run.suffix(10).lowercased())")
    let same = try state(of: "mosaic-prod-core-restored-0000byhand")
    for key in (made.allKeys + same.allKeys).compactMap({ $0 as? String }) {
      #expect(same[key] as? NSObject == made[key] as? NSObject, "\(key)")
    }
    #expect(made["DBInstanceStatus"] as? String == "available")
    #expect(made["DeletionProtection"] as? Bool == true)
  }
}
