import Platform
import RunJournal
import StrictJSON
import Testing

@testable import RunEngine

/// What operators ask of a run, under way or ended.
@Suite struct OperatorTests {
  private let bench: Bench

  init() throws { bench = try Bench() }

  @Test func aFailedStepIsTriedAgainWithWhatHangsOnIt() async throws {
    let world = World(faults: ["a.look"])
    let steps = nodes(world, removal: false)
    let (lease, events) = try await bench.begin(steps, mode: .restore)
    let failed = try await bench.execute(steps, lease, events, mode: .restore)
    #expect(failed.status(of: "a.later") == .cancelled)
    world.fails([])
    try await bench.ask(.retry, "a.look")
    let state = try await bench.goOn(steps, [EventDraft(.runReopened)], mode: .restore)
    #expect(state.isFinished)
    #expect(steps.allSatisfy { state.status(of: $0.id) == .succeeded })
    #expect(state.steps["a.look"]?.attempts == 2)
    #expect(world.calls("copy") == 1)
  }

  @Test func aStepLeftOutLetsTheOthersGoOn() async throws {
    let world = World(faults: ["a.look"])
    let steps = nodes(world, removal: false)
    let (lease, events) = try await bench.begin(steps, mode: .restore)
    try await bench.execute(steps, lease, events, mode: .restore)
    try await bench.ask(.skip, "a.look", reason: "known and harmless")
    let state = try await bench.goOn(steps, [EventDraft(.runReopened)], mode: .restore)
    #expect(state.status(of: "a.look") == .skipped)
    #expect(state.status(of: "a.later") == .succeeded)
    #expect(state.steps["a.look"]?.failure?["reason"] == "known and harmless")
    #expect(state.steps["a.look"]?.failure?["by"] == "ada@one")
  }

  @Test func aStepUnderWayIsLeftOut() async throws {
    let policy = StepPolicy(timeout: .seconds(600), waitsForPerson: true)
    let waiting = [StepNode("ask", Ask(needed: 1), component: nil, dependsOn: [], policy: policy)]
    let (lease, events) = try await bench.begin(waiting)
    Task { [bench] in
      try await Task.sleep(for: .milliseconds(300))
      try await bench.ask(.skip, "ask", reason: "nobody is there")
    }
    let state = try await bench.execute(waiting, lease, events)
    #expect(state.status(of: "ask") == .skipped)
  }

  /// Else a crash at that moment would lose what was asked for.
  @Test func aRequestIsKeptUntilWhatItAsksForIsJournaled() async throws {
    let world = World()
    let steps = [
      StepNode(
        "stay", Stay(bench: bench, world: world), component: nil, dependsOn: [],
        policy: StepPolicy(timeout: .seconds(600)))
    ]
    let (lease, events) = try await bench.begin(steps)
    Task { [bench] in
      try await Task.sleep(for: .milliseconds(300))
      try await bench.ask(.skip, "stay", reason: "it never ends")
    }
    let state = try await bench.execute(steps, lease, events)
    #expect(state.status(of: "stay") == .skipped)
    #expect(world.calls("request") == 1)
    #expect(try await bench.journal.requests(for: bench.run.description).isEmpty)
  }

  @Test func oneRequestAfterAnotherIsTakenUp() async throws {
    let policy = StepPolicy(timeout: .seconds(600), waitsForPerson: true)
    let waiting = [StepNode("ask", Ask(needed: 2), component: nil, dependsOn: [], policy: policy)]
    let (lease, events) = try await bench.begin(waiting)
    Task { [bench] in
      try await Task.sleep(for: .milliseconds(300))
      try await bench.ask(.approve, "ask", by: "ada@one")
      while try await !bench.journal.requests(for: bench.run.description).isEmpty {
        try await Task.sleep(for: .milliseconds(20))
      }
      try await bench.ask(.approve, "ask", by: "grace@one")
    }
    let options = RunExecutor.Options(timeout: .seconds(600))
    let state = try await bench.execute(waiting, lease, events, options: options)
    #expect(state.approvals["ask"] == ["ada@one", "grace@one"])
  }

  @Test func whatCannotBeDoneIsNotedAndChangesNothing() async throws {
    let world = World(faults: ["a.look"])
    let steps = nodes(world)
    let (lease, events) = try await bench.begin(steps)
    try await bench.execute(steps, lease, events)
    for (action, step) in [
      (OperatorRequest.Action.retry, "a.look"), (.retry, "a.make"), (.retry, "a.later"),
      (.skip, "a.cleanup"), (.skip, "b.look"), (.retry, "nothing"),
    ] { try await bench.ask(action, step, reason: "why not") }
    try await bench.ask(.skip, "a.later")
    let state = try await bench.goOn(steps, [EventDraft(.runReopened)])
    #expect(state.findings.count == 7, "\(state.findings.map(\.text))")
    #expect(state.status(of: "a.look") == .failed)
    #expect(world.calls("copy") == 0)
  }

  @Test func aFailedRemovalIsALeftoverUntilItIsOpenedAgain() async throws {
    let world = World(faults: ["remove copy"])
    let steps = nodes(world)
    let (lease, events) = try await bench.begin(steps)
    let failed = try await bench.execute(steps, lease, events)
    #expect(failed.leftovers.map(\.id) == ["a.cleanup"])
    #expect(failed.leftovers.first?.removal?.what == "copy")
    world.fails([])
    let state = try await bench.goOn(
      steps, [EventDraft(.runReopened), EventDraft(.stepReopened, step: "a.cleanup")])
    #expect(state.leftovers.isEmpty)
    #expect(world.calls("copy") == 0)
    #expect(state.isFinished)
  }

  @Test func twoApprovalsNeedTwoPeople() async throws {
    let policy = StepPolicy(timeout: .seconds(600), waitsForPerson: true)
    let waiting = [StepNode("ask", Ask(needed: 2), component: nil, dependsOn: [], policy: policy)]
    let (lease, events) = try await bench.begin(waiting)
    try await bench.ask(.approve, "ask", by: "ada@one")
    try await bench.ask(.approve, "ask", by: "ada@two")
    let laidDown = try await bench.execute(
      waiting, lease, events, options: RunExecutor.Options(detachesOnApproval: true),
      ends: .waitingForApproval)
    #expect(laidDown.approvals["ask"] == ["ada@one"])
    let asked = try await bench.journal.events(of: bench.run.description)
    #expect(asked.count { $0.type == .approvalRequested } == 1)
    try await bench.ask(.approve, "ask", by: "grace@one")
    let state = try await bench.goOn(waiting)
    #expect(state.steps["ask"]?.output?.arrayValue == ["ada@one", "grace@one"])
  }

  @Test func aPauseAskedForWhileNobodyExecutesIsForgotten() async throws {
    let steps = nodes(World())
    let (lease, events) = try await bench.begin(steps)
    try await bench.ask(.pause, nil)
    #expect(try await bench.execute(steps, lease, events).isFinished)
  }

  /// Asked for by the last step itself: nobody looks again before the run has ended, but the end does.
  @Test func whatIsAskedForAtTheVeryEndIsAnswered() async throws {
    let last = StepNode(
      "ask", AskingStep(bench: bench), component: nil, dependsOn: [],
      policy: StepPolicy(timeout: .seconds(600)))
    let (lease, events) = try await bench.begin([last])
    let state = try await bench.execute([last], lease, events)
    #expect(state.isFinished)
    #expect(!state.isCancelled)
    #expect(
      state.findings.map(\.text) == [
        "cancel, asked for by ada@one, came too late: every step had ended"
      ])
    #expect(try await bench.journal.requests(for: bench.run.description).isEmpty)
  }
}

private struct AskingStep: ObservingStep {
  typealias Output = String
  static let kind = "test.asking"
  static let phase = StepPhase.verify
  let bench: Bench
  var summary: String { "ask to cancel" }
  func observe(_ context: StepContext) async throws -> Observation<String> {
    try await bench.ask(.cancel, nil)
    return .ready("asked")
  }
}
