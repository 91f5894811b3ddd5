import AWSClient
import Foundation
import HTTPClient
import Platform
import RecoveryPlan
import RunJournal
import Testing

@testable import Recoveries
@testable import RunEngine

/// The removal of a cluster's stack that something holds at first.
@Suite struct StackRemovalTests {
  private static let identity = MakeStack.Identity(
    stack: "eks-dr", identifier: "arn:aws:cloudformation:us-west-2:123456789012:stack/eks-dr/1")

  /// Looks until the removal ends, as the engine does.
  private func remove(
    _ step: MakeStack, _ context: StepContext
  ) async throws -> Removed {
    while true {
      if case .ready(let removed) = try await step.remove(Self.identity, context) {
        return removed
      }
    }
  }

  /// That an earlier try failed says nothing of this one: what held the stack may be gone.
  @Test(.timeLimit(.minutes(5)))
  func aStackWhoseDeletionFailedIsDeletedAgain() async throws {
    let server = try await StackServer(refusals: 0)
    let removed = try await remove(server.step, server.context)
    #expect(removed.what == "CloudFormation stack eks-dr in us-west-2")
    #expect(try server.deletions() == 1)
  }

  /// Each try asks once, and tells what still holds the stack; the next one may follow in the same process.
  @Test(.timeLimit(.minutes(5)))
  func whatStillHoldsTheStackIsToldAndTheNextTryAsksAgain() async throws {
    let server = try await StackServer(refusals: 1)
    let problem = await #expect(throws: Problem.self) {
      try await remove(server.step, server.context)
    }
    #expect(problem?.reason == "a load balancer holds a subnet")
    #expect(try server.deletions() == 1)
    _ = try await remove(server.step, server.context)
    #expect(try server.deletions() == 2)
  }
}

/// A CloudFormation of one stack on this machine; see stack_server.py. It ends with its owner.
private final class StackServer {
  let step: MakeStack
  let context: StepContext
  private let log: URL
  private let process = Process()

  init(refusals: Int) async throws {
    let (time, random) = (SystemTime(), SeededRandom(seed: 1))
    let run = ULID(at: time.now().wall, random: random)
    log = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try Data().write(to: log)
    process.executableURL = URL(filePath: "/usr/bin/python3")
    let script = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "stack_server.py")
    process.arguments = ["-B", script.path, log.path, run.description, "\(refusals)"]
    try process.run()
    var port: Substring?
    while port == nil {
      try await Task.sleep(for: .milliseconds(20))
      port = try String(contentsOf: log, encoding: .utf8).split(separator: "\n").first
    }
    let environment = [
      "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b",
      "AWS_ENDPOINT_URL": "http://127.0.0.1:\(port ?? "")",
    ]
    let client = AWSClient(
      settings: try AWSSettings(environment: environment), http: HTTPClient(),
      credentials: CredentialChain([EnvironmentCredentials(environment: environment)]),
      time: time, random: random, version: "0")
    let (plan, diagnostics) = readPlan(
      "name: cluster\n"
        + "eks: {cluster: c, create: {cloudFormation: {stack: eks-dr, template: t.json}}}")
    let spec = try #require(plan?.components.first?.spec as? EKSComponent, "\(diagnostics)")
    step = MakeStack(
      aws: AWSAccess(client: client, region: "us-west-2"), cluster: "c", stack: "eks-dr",
      spec: try #require(spec.creation?.stack), runTags: RunTags(plan: [:], lifetime: .seconds(60)))
    context = StepContext(
      run: run, mode: .drill, step: "cluster.cleanup", component: "cluster", time: time,
      random: random, incident: time.now().wall, outputs: { _ in nil }, approvers: { [] })
  }

  deinit {
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    try? FileManager.default.removeItem(at: log)
  }

  func deletions() throws -> Int {
    try String(contentsOf: log, encoding: .utf8).split(separator: "\n").dropFirst().count
  }
}
