import Foundation
import Testing

/// Clusters of EKS: looked at, and made from a template. The emulator keeps stacks, but makes no cluster
/// of one.
@Suite(.serialized, .enabled(if: Tool.labIsUp, "the lab is not up: run scripts/test"))
struct ClusterCreationTests {
  let tool: Tool

  init() throws { tool = try Tool() }

  private func plan(_ cluster: String, _ more: String = "") throws -> String {
    let template = tool.folder.appending(path: "cluster.json")
    try
      #"{"Resources": {"Topic": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "eks-dr"}}}}"#
      .write(to: template, atomically: true, encoding: .utf8)
    let file = tool.folder.appending(path: "\(cluster).yaml")
    let text = """
      apiVersion: dr.mosaic.life/v1
      kind: RecoveryPlan
      metadata: {name: cluster, tags: {Project: MosaicPlatform}}
      spec:
        objectives: {rto: 1h, rpo: 1h}
        regions: {primary: us-east-1, recovery: us-west-2}
        components:
          - name: cluster
            eks:
              cluster: \(cluster)
              timeout: 30s
              create: {cloudFormation: {stack: eks-dr, template: \(template.path)}}
              \(more)
      """
    try text.write(to: file, atomically: true, encoding: .utf8)
    return file.path
  }

  private func aws(_ call: String) throws -> String {
    let script = tool.folder.appending(path: "call.py")
    try """
    import boto3
    eks, cloudformation = (boto3.client(s, "us-west-2") for s in ("eks", "cloudformation"))
    print(\(call))
    """.write(to: script, atomically: true, encoding: .utf8)
    return try tool.lab("python", script.path)
  }

  @Test func aClusterThatIsNotThereIsMadeFromItsTemplateAndADrillDeletesThat() throws {
    let drill = try tool.run("drill", "--plan", try plan("missing"))
    // The emulator makes no cluster of the template.
    #expect(drill.status == 4, "\(drill.errors)")
    #expect(drill.errors.contains("the EKS cluster is not there"), "\(drill.errors)")
    let run = try #require(try tool.runs().first)
    let calls = try tool.lab("log", "--json").split(separator: "\n").filter {
      $0.contains(run.suffix(10).lowercased())
    }
    #expect(calls.filter { $0.contains("\"CreateStack\"") }.count == 1)
    #expect(calls.contains { $0.contains("\"DeleteStack\"") })
    #expect(!drill.output.contains("LEFT OVER"), "\(drill.output)")
    #expect(
      try aws("[s['StackName'] for s in cloudformation.describe_stacks()['Stacks']]")
        .contains("[]"))
  }

  @Test func aClusterThatIsThereIsCheckedAndNothingIsMade() throws {
    _ = try aws(
      "eks.create_cluster(name='there', roleArn='arn:aws:iam::123456789012:role/eks', version='1.31', "
        + "resourcesVpcConfig={})")
    let restore = try tool.run("restore", "--plan", try plan("there"), "--yes")
    #expect(restore.status == 0, "\(restore.errors)")
    #expect(restore.output.contains("Verdict  PASS"))
    #expect(restore.output.contains("a cluster holds no data of its own"))
    let old = try tool.run(
      "restore", "--plan", try plan("there", "minimumVersion: '1.99'"), "--yes")
    #expect(old.status == 4)
    #expect(old.errors.contains("the EKS cluster is too old"), "\(old.errors)")
  }
}
