import AWSClient
import Platform
import RunEngine

/// How a person who works by hand keeps what the lost one had, and puts it back: the answer of a look at
/// it goes into a file, and commands behind it take their input from there.
struct SourceByHand: Sendable {
  /// The step that looks, whose name the file carries.
  let sourceStep: String

  var file: String { "\(sourceStep).json" }
  /// Where the description of what was made is kept, for its tags.
  private static let made = "<step>.made.json"

  /// The look itself. A region that is lost is not waited for long.
  static func kept(in file: String = "<step>.json") -> PlannedCall.Kept {
    PlannedCall.Kept(
      in: file, options: ["--cli-connect-timeout", "5", "--cli-read-timeout", "15"],
      otherwise: "{}")
  }

  /// What to do when the look finds nothing.
  static func remark(_ name: String, isCluster: Bool) -> String {
    let list = isCluster ? "DBClusters" : "DBInstances"
    let description = isCluster ? "describe-db-clusters" : "describe-db-instances"
    return """
      What a restore does not carry over is put back from `<step>.json`. If \(name) cannot be asked any more, the file holds `{}`, and
      the plan's own settings alone would be put back. Then fill the file before you go on:

      - with what `aws rds \(description)` said of it, if somebody kept that;
      - else from the newest report of this plan, a drill's or a restore's, in its folder:

      ```console
      zstd -dc report.json.zst | jq '[.events[] | select(.step == "<step>") | .body.output.source // empty]
      | last | (.tags | to_entries | map({Key: .key, Value: .value})) as $tags | .settings
      | \(DatabaseSettings.descriptionProgram)
      | {\(list): [. + {TagList: $tags}]}' > <step>.json
      ```

      Its snapshots and automated backups, where there still are any, tell no more than engine, storage, option group and IAM authentication.
      """
  }

  /// The settings, as input of the command that asks for them.
  func settings(
    for holder: DatabaseSetting.Holder, without others: [PartialKeyPath<DatabaseSettings>] = []
  ) -> PlannedCall.Taken {
    PlannedCall.Taken(
      of: [file], by: DatabaseSettings.program(for: holder, without: others),
      in: "<step>.input.json")
  }

  /// The standby that it had, as input of the command that makes the copy.
  var standby: PlannedCall.Taken {
    PlannedCall.Taken(
      of: [file], by: ".DBInstances[0] // {} | {MultiAZ} | with_entries(select(.value != null))",
      in: "<step>.standby.json")
  }

  static let settingsRemark =
    "If the command refuses something that there is not in this region, strike it from "
    + "`<step>.input.json` and repeat the command."

  /// The look at what was made, and the call that gives it the tags it lacks.
  func tagging(
    _ kind: DatabaseKind, _ identifier: String, tags rule: TagRule, with aws: AWSAccess
  ) -> [PlannedCall] {
    let (list, arn) =
      kind == .cluster ? ("DBClusters", "DBClusterArn") : ("DBInstances", "DBInstanceArn")
    let program = """
      ([.[1].\(list)[0].TagList[].Key]) as $own
      | [.[0].\(list)[0].TagList[]? | select((.Key | test("^(aws|mosaic-dr):")) or (.Key | IN($own[])) | not)]
      | select(. != []) | {Tags: .}
      """
    let taken = PlannedCall.Taken(
      of: [file, Self.made], by: program, in: "<step>.tags.json", mayBeNothing: true)
    let look = aws.planLook(kind, identifier).keeping(.init(in: Self.made))
      .finding(.init("ARN of the copy", at: "\(list)[0].\(arn)"))
    let call = aws.planTagging(kind, identifier, [:], tags: rule, arn: "<ARN of the copy>")
    return [look, call.taking(taken)]
  }
}
