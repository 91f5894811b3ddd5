import Foundation

/// A runbook as a person follows it: in bash, with the real command lines.
extension Tool {
  /// The blocks that are to be run, as one script.
  static func script(of runbook: String) -> String {
    blocks("sh", of: runbook).joined(separator: "\n") + "\n"
  }

  /// The blocks of a kind, in their order.
  static func blocks(_ kind: String, of runbook: String) -> [String] {
    var inside: String?
    var lines: [Substring] = []
    var blocks: [String] = []
    for line in runbook.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("```") {
        if inside == kind { blocks.append(lines.joined(separator: "\n")) }
        inside = inside == nil ? String(line.dropFirst(3)) : nil
        lines = []
      } else {
        lines.append(line)
      }
    }
    return blocks
  }

  /// Starts a script in a folder of the test's own.
  func startBash(_ script: String) throws -> (process: Process, output: URL) {
    let file = folder.appending(path: "script-\(UUID().uuidString).sh")
    try script.write(to: file, atomically: true, encoding: .utf8)
    let output = file.deletingPathExtension().appendingPathExtension("output")
    _ = FileManager.default.createFile(atPath: output.path, contents: nil)
    let process = Process()
    process.executableURL = URL(filePath: "/bin/bash")
    process.arguments = [file.path]
    process.currentDirectoryURL = folder
    var environment = ProcessInfo.processInfo.environment
    environment["PATH"] = "\(try commands().path):\(environment["PATH"] ?? "")"
    environment["AWS_PAGER"] = ""
    process.environment = environment
    let told = try FileHandle(forWritingTo: output)
    process.standardOutput = told
    process.standardError = told
    try process.run()
    return (process, output)
  }

  /// A folder with the AWS command line. Its version 1 asks for RDS in us-east-1 at a name of its own, whatever
  /// the environment says, but not when it is told on the command line.
  private func commands() throws -> URL {
    let bin = folder.appending(path: "bin")
    let aws = bin.appending(path: "aws")
    guard !FileManager.default.fileExists(atPath: aws.path) else { return bin }
    let prefix = try lab("python", "-c", "import sys; print(sys.prefix)")
      .trimmingCharacters(in: .whitespacesAndNewlines)
    try FileManager.default.createDirectory(at: bin, withIntermediateDirectories: true)
    try "#!/bin/sh\nexec \(prefix)/bin/aws --endpoint-url \"$AWS_ENDPOINT_URL\" \"$@\"\n"
      .write(to: aws, atomically: true, encoding: .utf8)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: aws.path)
    return bin
  }

  func bash(_ script: String) throws -> (status: Int32, output: String) {
    let (process, output) = try startBash(script)
    process.waitUntilExit()
    return (process.terminationStatus, try String(contentsOf: output, encoding: .utf8))
  }

  /// What an instance or a cluster is, without what names this one or the run that made it.
  func state(of identifier: String, in region: String, isCluster: Bool = false) throws
    -> NSDictionary
  {
    let command =
      isCluster
      ? "describe-db-clusters --db-cluster-identifier"
      : "describe-db-instances --db-instance-identifier"
    let told = try bash("aws rds \(command) \(identifier) --region \(region) --output json")
    let json = try JSONSerialization.jsonObject(with: Data(told.output.utf8)) as? [String: Any]
    let list = json?[isCluster ? "DBClusters" : "DBInstances"] as? [[String: Any]]
    guard var state = list?.first else { throw CocoaError(.fileReadCorruptFile) }
    for name in [
      "DBInstanceIdentifier", "DBInstanceArn", "DbiResourceId", "Endpoint", "InstanceCreateTime",
      "LatestRestorableTime", "DBClusterIdentifier", "DBClusterArn", "DbClusterResourceId",
      "ReaderEndpoint", "ClusterCreateTime", "EarliestRestorableTime", "DBClusterMembers", "Port",
    ] { state[name] = nil }
    let tags = state["TagList"] as? [[String: String]] ?? []
    state["TagList"] = tags.filter { $0["Key"]?.hasPrefix("mosaic-dr:") == false }
      .map { "\($0["Key"] ?? "")=\($0["Value"] ?? "")" }.sorted()
    return state as NSDictionary
  }

  /// Standbys like the one that there is, since each can be promoted but once.
  func makeReplicas(_ names: [String]) throws {
    let script = """
      import boto3
      rds = boto3.client("rds", "us-west-2")
      source = boto3.client("rds", "us-east-1").describe_db_instances(
          DBInstanceIdentifier="mosaic-prod-core")["DBInstances"][0]["DBInstanceArn"]
      key = rds.describe_db_instances(
          DBInstanceIdentifier="mosaic-prod-core-replica")["DBInstances"][0]["KmsKeyId"]
      for name in "\(names.joined(separator: " "))".split():
          rds.create_db_instance_read_replica(
              DBInstanceIdentifier=name, SourceDBInstanceIdentifier=source, KmsKeyId=key,
              DBSubnetGroupName="dr-private",
              Tags=[{"Key": "Team", "Value": "standbys"}])
      for name in "\(names.joined(separator: " "))".split():
          rds.get_waiter("db_instance_available").wait(
              DBInstanceIdentifier=name, WaiterConfig={"Delay": 1, "MaxAttempts": 60})
      """
    _ = try lab("python", "-c", script)
  }
}
