import AWSClient
import Cryptography
import Platform
import RunEngine
import RunJournal
import StrictJSON

/// Makes the cluster by eksctl when it is not there. eksctl cannot be given the run's tags, so that a
/// drill could not prove the cluster its own; hence only a restore does it, and it stays.
struct RunEKSCtl: ChangingStep {
  static let kind = "eks.eksctl"
  static let phase = StepPhase.recover
  /// The bound on eksctl.
  static let timeout: Duration = .seconds(3_600)
  /// The largest configuration.
  static let longestConfig = 1 << 20

  struct Intent: Codable, Sendable {
    let config: String
    let configDigest: String
  }

  struct Identity: Codable, Sendable {
    let arn: String
  }

  struct Output: Codable, Sendable {
    /// The cluster that was made; nil when it was there already.
    let arn: String?
  }

  let aws: AWSAccess
  let cluster: String
  let config: String
  let environment: [String: String]

  var summary: String { "make cluster \(cluster) by eksctl from \(config), if it is not there" }
  var effects: [PlannedEffect] {
    [PlannedEffect(.creates, "EKS cluster \(cluster) in \(aws.region)")]
  }
  /// What eksctl calls is eksctl's matter: its documentation lists the rights.
  var calls: [PlannedCall] { [aws.plan(DescribeCluster(name: cluster))] }

  func prepare(_ context: StepContext) async throws -> Intent? {
    if try await described(context) != nil { return nil }
    let bytes = try DurableFile.read(config, limit: Self.longestConfig)
    return Intent(config: config, configDigest: SHA256.digest(of: bytes).hex)
  }

  /// The cluster was not there before: what is there after an interrupted eksctl is its work.
  func find(_ intent: Intent, _ context: StepContext) async throws -> Existing<Identity> {
    try await described(context).map { .ours(Identity(arn: $0.arn)) } ?? .absent
  }

  func apply(_ intent: Intent, _ context: StepContext) async throws -> Identity {
    let bytes = try DurableFile.read(intent.config, limit: Self.longestConfig)
    guard SHA256.digest(of: bytes).hex == intent.configDigest else {
      throw problem("the file has changed since the run decided to use it")
    }
    let end = try await ChildProcess(
      command: "eksctl", arguments: ["create", "cluster", "--config-file", intent.config],
      environment: environment, timeout: Self.timeout, outputLimit: 16 << 20
    ).run()
    guard end.code == 0 else {
      let words = String(decoding: end.output.suffix(500), as: UTF8.self).trimmingWhitespace()
      throw problem("it ended with code \(end.code): \(words)")
    }
    guard let made = try await described(context) else {
      throw problem("it made another cluster than \(cluster) in \(aws.region)")
    }
    return Identity(arn: made.arn)
  }

  func observe(
    _ intent: Intent, _ identity: Identity, _ context: StepContext
  ) async throws -> Observation<Output> { .ready(Output(arn: identity.arn)) }

  func unchanged(_ context: StepContext) async throws -> Output { Output(arn: nil) }

  private func described(_ context: StepContext) async throws -> EKSCluster? {
    do {
      return try await aws.send(DescribeCluster(name: cluster), context)
    } catch let error as AWSError where error.code == "ResourceNotFoundException" {
      return nil
    }
  }

  private func problem(_ reason: String) -> Problem {
    Problem(
      "eksctl could not make the cluster", on: "\(cluster) in \(aws.region)", because: reason,
      fix: "Run 'eksctl create cluster --config-file \(config)' by hand to see why.")
  }
}
