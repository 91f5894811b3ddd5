import AWSClient
import Foundation
import Platform
import RunEngine
import RunJournal
import StrictJSON
import Testing

@testable import Recoveries
@testable import mosaic_dr

/// The step that docs/new-step.md explains, executed by the engine against a real endpoint.
@Suite(.serialized, .enabled(if: Tool.labIsUp, "the lab is not up: run scripts/test"))
struct WorkedExampleTests {
  private let tool: Tool
  private let client: AWSClient
  private let journal: Journal
  private let run = ULID(at: SystemTime().now().wall, random: SystemRandom())
  private let bucket: String

  init() throws {
    tool = try Tool()
    client = try Surroundings(try Arguments(["drill"])).client()
    journal = try Journal(folder: tool.state, time: SystemTime())
    bucket = "status-\(run.shortForm)"
    try aws(
      "create-bucket", "--create-bucket-configuration", "LocationConstraint=us-west-2")
  }

  private var nodes: [StepNode] {
    let notice = PutNotice(
      aws: AWSAccess(client: client, region: "us-west-2"), bucket: bucket, key: "notice.txt")
    let policy = StepPolicy(timeout: .seconds(60))
    return [
      StepNode("notice", notice, component: nil, dependsOn: [], policy: policy),
      StepNode(
        removing: notice, madeBy: "notice", as: "notice-cleanup", component: nil,
        dependsOn: ["notice"], policy: policy),
    ]
  }

  private func execute() async throws -> (state: RunState, events: [JournalEvent]) {
    let nodes = nodes
    let now = SystemTime().now().wall
    let creation = RunCreation(
      plan: "example", planDigest: "", planFile: "example.yaml", mode: .drill, options: [:],
      rtoObjective: nil, rpoObjective: nil, steps: nodes.map(\.record),
      operatorIdentity: .current(), version: Surroundings.version)
    let incident = Moment(.incident, at: now, evidence: .stated, source: "the test")
    let (lease, events) = try await journal.create(
      RunRecord(
        id: run.description, planName: "example", planDigest: "", mode: "drill", createdAt: now),
      planBytes: [],
      opening: [
        EventDraft(.runCreated, body: try JSONValue(encoding: creation)),
        EventDraft(.moment, body: try JSONValue(encoding: incident)),
      ], holder: .current())
    let executor = try RunExecutor(
      nodes: nodes, run: run, mode: .drill, journal: journal, lease: lease, events: events,
      time: SystemTime(), random: SystemRandom(), options: RunExecutor.Options(),
      classify: Faults.classify, observer: { _ in })
    let (stops, _) = AsyncStream<Void>.makeStream()
    #expect(try await executor.execute(stops: stops) == .finished)
    let written = try await journal.events(of: run.description)
    return (RunState(written), written)
  }

  @Test func theStepPutsItsNoticeAndADrillTakesItAwayAgain() async throws {
    let (state, events) = try await execute()
    #expect(state.status(of: "notice") == .succeeded)
    #expect(state.status(of: "notice-cleanup") == .succeeded)
    let made = try #require(events.first { $0.type == .effectConfirmed })
    #expect(made.body["identity"]?["content"]?.stringValue?.contains(run.description) == true)
    #expect(throws: (any Error).self) { try aws("head-object", "--key", "notice.txt") }
  }

  @Test func aNoticeOfSomebodyElseIsLeftAlone() async throws {
    let file = tool.folder.appending(path: "notice.txt")
    try "All is well.\n".write(to: file, atomically: true, encoding: .utf8)
    try aws("put-object", "--key", "notice.txt", "--body", file.path)
    let (state, _) = try await execute()
    #expect(state.status(of: "notice") == .failed)
    try aws("head-object", "--key", "notice.txt")
  }

  private func aws(_ words: String...) throws {
    let program = try tool.lab("python", "-c", "import sys; print(sys.prefix)")
      .trimmingCharacters(in: .whitespacesAndNewlines)
    try tool.system(
      ["\(program)/bin/aws", "s3api", words[0], "--region", "us-west-2", "--bucket", bucket]
        + words.dropFirst())
  }
}
