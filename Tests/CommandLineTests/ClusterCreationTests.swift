import Foundation
import Testing

/// Clusters of EKS: looked at, made from a template or by eksctl, and reached with AWS credentials alone.
/// The emulator keeps stacks, but makes no cluster of one; a program of this test stands in for eksctl.
@Suite(
  .serialized,
  .enabled(if: Tool.labIsUp && Tool.clusterIsUp, "no lab with a cluster is up: run scripts/test"))
struct ClusterCreationTests {
  let tool: Tool

  init() throws { tool = try Tool() }

  private func plan(
    _ cluster: String, _ fields: String..., timeout: String = "30s"
  ) throws -> String {
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
              timeout: \(timeout)
              \(fields.joined(separator: "\n        "))
      """
    try text.write(to: file, atomically: true, encoding: .utf8)
    return file.path
  }

  private func file(_ name: String, _ text: String, isProgram: Bool = false) throws -> String {
    let file = tool.folder.appending(path: name)
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try text.write(to: file, atomically: true, encoding: .utf8)
    if isProgram {
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file.path)
    }
    return file.path
  }

  private func aws(_ call: String) throws -> String {
    try tool.lab("python", try script(call))
  }

  private func script(_ call: String) throws -> String {
    try file(
      "call-\(UUID().uuidString).py",
      """
      import boto3
      eks, cloudformation = (boto3.client(s, "us-west-2") for s in ("eks", "cloudformation"))
      print(\(call))
      """)
  }

  private static func creation(of cluster: String) -> String {
    "eks.create_cluster(name='\(cluster)', roleArn='arn:aws:iam::123456789012:role/eks', "
      + "version='1.31', resourcesVpcConfig={})"
  }

  @Test func aClusterThatIsNotThereIsMadeFromItsTemplateAndADrillDeletesThat() throws {
    let template = try file(
      "cluster.json",
      #"{"Resources": {"Topic": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "eks-dr"}}}}"#
    )
    let drill = try tool.run(
      "drill", "--plan",
      try plan("missing", "create: {cloudFormation: {stack: eks-dr, template: \(template)}}"))
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
    _ = try aws(Self.creation(of: "there"))
    let create = "create: {eksctl: {config: /not/there.yaml}}"
    let restore = try tool.run("restore", "--plan", try plan("there", create), "--yes")
    #expect(restore.status == 0, "\(restore.errors)")
    #expect(restore.output.contains("Verdict  PASS"))
    #expect(restore.output.contains("a cluster holds no data of its own"))
    let old = try tool.run(
      "restore", "--plan", try plan("there", create, "minimumVersion: '1.99'"), "--yes")
    #expect(old.status == 4)
    #expect(old.errors.contains("the EKS cluster is too old"), "\(old.errors)")
  }

  /// It is run once, with nothing but the file; in a drill never.
  @Test func eksctlMakesAClusterThatIsNotThere() throws {
    let config = try file("cluster.yaml", "kind: ClusterConfig\n")
    let words = tool.folder.appending(path: "words").path
    let lab = Tool.root.appending(path: "scripts/lab").path
    let program = try file(
      "bin/eksctl",
      "#!/bin/sh\necho \"$@\" >> \(words)\n"
        + "exec \(lab) python \(try script(Self.creation(of: "by-eksctl")))\n",
      isProgram: true)
    let folder = URL(filePath: program).deletingLastPathComponent().path
    let path = ["PATH": "\(folder):\(ProcessInfo.processInfo.environment["PATH"] ?? "")"]
    let plan = try plan("by-eksctl", "create: {eksctl: {config: \(config)}}")
    let drill = try tool.run("drill", "--plan", plan, environment: path)
    #expect(drill.status == 4)
    #expect(drill.errors.contains("the EKS cluster is not there"), "\(drill.errors)")
    for _ in 1...2 {
      let restore = try tool.run("restore", "--plan", plan, "--yes", environment: path)
      #expect(restore.status == 0, "\(restore.errors)")
    }
    #expect(
      try String(contentsOfFile: words, encoding: .utf8)
        == "create cluster --config-file \(config)\n")
  }

  @Test(arguments: [
    ("echo no quota for VPCs; exit 3", "it ended with code 3: no quota for VPCs"),
    ("exit 0", "it made another cluster than failing"),
  ])
  func whatEKSCtlCannotDoIsTold(body: String, reason: String) throws {
    let config = try file("cluster.yaml", "kind: ClusterConfig\n")
    let program = try file("bin/eksctl", "#!/bin/sh\n\(body)\n", isProgram: true)
    let folder = URL(filePath: program).deletingLastPathComponent().path
    let restore = try tool.run(
      "restore", "--plan", try plan("failing", "create: {eksctl: {config: \(config)}}"), "--yes",
      environment: ["PATH": "\(folder):\(ProcessInfo.processInfo.environment["PATH"] ?? "")"])
    #expect(restore.status == 4)
    #expect(restore.errors.contains(reason), "\(restore.errors)")
  }

  @Test func nodesAndAddonsAreWaitedForAndTold() throws {
    _ = try aws(Self.creation(of: "staffed"))
    let nodes =
      "eks.create_nodegroup(clusterName='staffed', nodegroupName='general', subnets=['subnet-1'], "
      + "nodeRole='arn:aws:iam::123456789012:role/nodes')"
    _ = try aws(nodes)
    let asked = ["nodeGroups: [general]", "addons: [vpc-cni, coredns]"]
    let plan = try plan("staffed", asked[0], asked[1])
    for name in ["vpc-cni", "coredns"] {
      _ = try tool.lab("addon", #"{"cluster": "staffed", "name": "\#(name)"}"#)
    }
    let good = try tool.run("restore", "--plan", plan, "--yes")
    #expect(good.status == 0, "\(good.errors)")
    _ = try tool.lab(
      "addon",
      #"{"cluster": "staffed", "name": "coredns", "status": "CREATE_FAILED", "#
        + #""issues": [{"code": "InsufficientNumberOfReplicas", "message": "no nodes"}]}"#)
    let failed = try tool.run("restore", "--plan", plan, "--yes")
    #expect(failed.status == 4)
    let reason = "its status is CREATE_FAILED: InsufficientNumberOfReplicas: no nodes"
    #expect(failed.errors.contains(reason), "\(failed.errors)")
    let absent = try tool.run(
      "restore", "--plan", try self.plan("staffed", "addons: [ebs]"), "--yes")
    #expect(absent.errors.contains("an add-on is missing"), "\(absent.errors)")
    let few = try tool.run(
      "restore", "--plan", try self.plan("staffed", "nodeGroups: [gpu]", timeout: "2s"), "--yes")
    #expect(few.status == 4)
    #expect(few.errors.contains("there is no node group gpu"), "\(few.errors)")
  }

  /// The lab's API server holds the token against what an EKS cluster demands.
  @Test func aClusterIsReachedWithAWSCredentialsAlone() throws {
    let plan = try tool.smallClusterPlan(
      "keyless", ["context: eks-dr": "eks: {cluster: mosaic-dr}"])
    let ready = try tool.run("preflight", "--plan", plan)
    #expect(ready.status == 0, "\(ready.output)")
    #expect(ready.output.contains("its server is v1.18.2"), "\(ready.output)")

    // Somebody else's token is good, and opens nothing.
    let policy = try file(
      "policy.json",
      #"{"Statement": [{"Effect": "Allow", "Action": "eks:DescribeCluster", "Resource": "*"}]}"#)
    let user = try JSONDecoder().decode(
      [String: String].self, from: Data(try tool.lab("user", policy).utf8))
    let strange = try tool.run(
      "preflight", "--plan", plan,
      environment: [
        "AWS_ACCESS_KEY_ID": user["key"] ?? "", "AWS_SECRET_ACCESS_KEY": user["secret"] ?? "",
      ])
    #expect(strange.status == 7)
    #expect(strange.output.contains("may not create namespaces"), "\(strange.output)")
  }

  /// The cluster's name is signed with the token: what was made for one opens no other.
  @Test func aTokenForAnotherClusterIsRefused() throws {
    _ = try aws(Self.creation(of: "another"))
    // The emulator has another cluster, behind whose endpoint this one's server stands.
    _ = try tool.lab("kubernetes", "masquerade", #"{"cluster": "another"}"#)
    let plan = try tool.smallClusterPlan("foreign", ["context: eks-dr": "eks: {cluster: another}"])
    let refused = try tool.run("preflight", "--plan", plan)
    #expect(refused.status == 7)
    #expect(refused.output.contains("does not accept the credentials"), "\(refused.output)")
    let reasons = try tool.lab("kubernetes", "refusals")
    #expect(reasons.contains("another cluster"), "\(reasons)")
  }

  /// The policy that is printed is enough to find the cluster, and by hand one gets as far.
  @Test func theCommandsForEKSReachTheCluster() throws {
    let plan = try tool.smallClusterPlan(
      "by-hand", ["context: eks-dr": "eks: {cluster: mosaic-dr}"])
    for mode in ["drill", "restore", "preflight"] {
      let policy = try tool.run("permissions", "--plan", plan, "--mode", mode).output
      #expect(policy.contains("eks:DescribeCluster"), "\(mode): \(policy)")
    }
    let runbook = try tool.run("runbook", "--plan", plan).output
    let steps = try #require(runbook.components(separatedBy: "## 3. ").first)
    let done = try tool.bash(
      "export KUBECONFIG=/nowhere\n" + Tool.script(of: steps)
        + "echo \"the backup is $backup\"\n")
    #expect(done.status == 0, "\(done.output)")
    #expect(done.output.contains("the backup is daily-apps-"), "\(done.output)")
  }
}
