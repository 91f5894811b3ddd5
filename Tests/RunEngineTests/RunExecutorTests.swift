import RunJournal
import StrictJSON
import Testing

@testable import RunEngine

@Suite struct RunExecutorTests {
  private let bench: Bench

  init() throws { bench = try Bench() }

  @Test func aFailureStopsWhatDependsOnItAndNothingElse() async throws {
    let world = World(faults: ["a.look"])
    let (lease, events) = try await bench.begin()
    let state = try await bench.execute(nodes(world), lease, events)
    #expect(state.status(of: "a.look") == .failed)
    #expect(state.status(of: "a.later") == .cancelled)
    #expect(state.status(of: "b.look") == .succeeded)
    #expect(state.status(of: "a.cleanup") == .succeeded)
    #expect(world.calls("copy") == 0)
  }

  @Test func aLostAnswerIsLookedUpBeforeAnythingIsMadeAgain() async throws {
    let world = World(losesAnswers: true)
    let (lease, events) = try await bench.begin()
    let made = nodes(world).filter { $0.id == "a.make" }
    let state = try await bench.execute(made, lease, events)
    #expect(state.status(of: "a.make") == .succeeded)
    #expect(world.calls("copy") == 1)
  }

  @Test func anIntentWithoutAnOutcomeIsLookedUpOnResume() async throws {
    let world = World()
    try world.make("copy")
    let (lease, events) = try await bench.begin()
    let more = try await bench.journal.append(
      [
        EventDraft(.stepStarted, step: "a.make", attempt: 1),
        EventDraft(.effectIntended, step: "a.make", attempt: 1, body: ["intent": "copy"]),
      ], under: lease)
    let made = nodes(world).filter { $0.id == "a.make" }
    let state = try await bench.execute(made, lease, events + more)
    #expect(state.status(of: "a.make") == .succeeded)
    #expect(state.steps["a.make"]?.attempts == 2)
    #expect(world.calls("copy") == 1)
  }

  @Test func whatHasEndedNeverRunsAgain() async throws {
    let world = World()
    let (lease, events) = try await bench.begin()
    let success = StepSuccess(output: "copy", evidence: [:], timing: StepTiming())
    let more = try await bench.journal.append(
      [
        EventDraft(
          .stepSucceeded, step: "a.make", attempt: 1, body: try JSONValue(encoding: success))
      ], under: lease)
    let made = nodes(world).filter { $0.id == "a.make" }
    try await bench.execute(made, lease, events + more)
    #expect(world.calls("copy") == 0)
  }

  private func useful(_ world: World, useless: Int, allowance: Int) -> [StepNode] {
    let policy = StepPolicy(timeout: .seconds(60))
    let make = MakeUseful(world: world, useless: useless, allowance: allowance)
    return [
      StepNode("a.make", make, component: "a", dependsOn: [], policy: policy),
      StepNode(
        removing: make, madeBy: "a.make", as: "a.cleanup", component: "a",
        dependsOn: ["a.make"], policy: policy),
    ]
  }

  @Test func whatIsOfNoUseIsReplacedAndRemovedWithTheRest() async throws {
    let world = World()
    let (lease, events) = try await bench.begin()
    let state = try await bench.execute(
      useful(world, useless: 2, allowance: 2), lease, events)
    #expect(state.steps["a.make"]?.output == "thing-2")
    #expect(state.steps["a.make"]?.spent == ["thing-0", "thing-1"])
    #expect(state.status(of: "a.cleanup") == .succeeded)
    #expect((0...2).allSatisfy { world.calls("thing-\($0)") == 0 })
  }

  /// When a step has given up, a person who has it tried again gets another one.
  @Test func aRetryByAPersonMakesAnotherOne() async throws {
    let world = World()
    let steps = [useful(world, useless: 2, allowance: 1)[0]]
    let (lease, events) = try await bench.begin(steps, mode: .restore)
    let state = try await bench.execute(steps, lease, events, mode: .restore)
    #expect(state.status(of: "a.make") == .failed)
    try await bench.ask(.retry, "a.make")
    let again = try await bench.goOn(steps, [EventDraft(.runReopened)], mode: .restore)
    #expect(again.steps["a.make"]?.output == "thing-2")
    #expect((0...2).allSatisfy { world.calls("thing-\($0)") == 1 })
  }

  /// The process died between giving up the first and making the second.
  @Test func afterACrashTheNextOneIsMadeOnce() async throws {
    let world = World()
    try world.make("thing-1")
    let (lease, events) = try await bench.begin()
    let more = try await bench.journal.append(
      [
        EventDraft(.stepStarted, step: "a.make", attempt: 1),
        EventDraft(.effectIntended, step: "a.make", attempt: 1, body: ["intent": "thing-0"]),
        EventDraft(.effectConfirmed, step: "a.make", attempt: 1, body: ["identity": "thing-0"]),
        EventDraft(
          .stepRetrying, step: "a.make", attempt: 1, body: ["effect_spent": true]),
        EventDraft(.effectIntended, step: "a.make", attempt: 2, body: ["intent": "thing-1"]),
      ], under: lease)
    let state = try await bench.execute(
      [useful(world, useless: 1, allowance: 1)[0]], lease, events + more)
    #expect(state.steps["a.make"]?.output == "thing-1")
    #expect(world.calls("thing-1") == 1)
  }

  /// The process died in the call, and the thing shows only after a while.
  @Test func theRemovalOfAnInterruptedCallWaitsForWhatMayStillAppear() async throws {
    let world = World()
    let (lease, events) = try await bench.begin()
    let more = try await bench.journal.append(
      [
        EventDraft(.effectIntended, step: "a.make", attempt: 1, body: ["intent": "copy"]),
        EventDraft(.stepCancelled, step: "a.make"), EventDraft(.runCancelled),
      ], under: lease)
    try world.makeUnseen("copy")
    let state = try await bench.execute(
      nodes(world, appearsWithin: .seconds(600)), lease, events + more,
      time: LookClock(world: world))
    #expect(state.status(of: "a.cleanup") == .succeeded)
    #expect(world.calls("copy") == 0)
    #expect(state.isCancelled)
  }

  /// The call was answered, the run was cancelled at once, and the thing shows only after a while.
  @Test func theRemovalOfWhatWasNeverSeenWaitsForWhatMayStillAppear() async throws {
    let world = World()
    let (lease, events) = try await bench.begin()
    let more = try await bench.journal.append(
      [
        EventDraft(.effectIntended, step: "a.make", attempt: 1, body: ["intent": "copy"]),
        EventDraft(.effectConfirmed, step: "a.make", attempt: 1, body: ["identity": "copy"]),
        EventDraft(.stepCancelled, step: "a.make"), EventDraft(.runCancelled),
      ], under: lease)
    try world.makeUnseen("copy")
    let state = try await bench.execute(
      nodes(world, appearsWithin: .seconds(600)), lease, events + more,
      time: LookClock(world: world))
    #expect(state.status(of: "a.cleanup") == .succeeded)
    #expect(world.calls("copy") == 0)
  }

  @Test func theRemovalOfWhatWasRefusedHasNothingToWaitFor() async throws {
    let world = World(refuses: true)
    let (lease, events) = try await bench.begin()
    let state = try await bench.execute(nodes(world), lease, events)
    #expect(state.status(of: "a.make") == .failed)
    #expect(state.steps["a.cleanup"]?.output == ["reason": "the call was refused"])
  }

  /// The call of the process that died may have had an effect, whatever the service says to the next.
  @Test func aRefusalAfterAnInterruptedCallProvesNothing() async throws {
    let world = World(refuses: true)
    let (lease, events) = try await bench.begin()
    let more = try await bench.journal.append(
      [
        EventDraft(.stepStarted, step: "a.make", attempt: 1),
        EventDraft(.effectIntended, step: "a.make", attempt: 1, body: ["intent": "copy"]),
      ], under: lease)
    let state = try await bench.execute(nodes(world), lease, events + more)
    #expect(state.status(of: "a.make") == .failed)
    #expect(state.steps["a.cleanup"]?.output == ["reason": "it was never made"])
  }

  /// What counts is the latest try, not the first.
  @Test func aLaterTryHasItsOwnTimeToAppear() async throws {
    let world = World()
    let (lease, events) = try await bench.begin()
    let earlier = try Journal(folder: bench.folder, time: EarlierTime(by: .seconds(3_600)))
    let first = try await earlier.append(
      [EventDraft(.effectIntended, step: "a.make", attempt: 1, body: ["intent": "copy"])],
      under: lease)
    let second = try await bench.journal.append(
      [
        EventDraft(.stepStarted, step: "a.make", attempt: 2),
        EventDraft(.stepCancelled, step: "a.make"), EventDraft(.runCancelled),
      ], under: lease)
    try world.makeUnseen("copy")
    let state = try await bench.execute(
      nodes(world, appearsWithin: .seconds(600)), lease, events + first + second,
      time: LookClock(world: world))
    #expect(state.status(of: "a.cleanup") == .succeeded)
    #expect(world.calls("copy") == 0)
  }

  @Test func theFirstActionIsNotedOnce() async throws {
    let world = World()
    let policy = StepPolicy(timeout: .seconds(60))
    let steps = (1...16).map {
      StepNode(
        "make.\($0)", Make(world: world, name: "copy \($0)"), component: nil, dependsOn: [],
        policy: policy)
    }
    let (lease, events) = try await bench.begin(steps)
    let state = try await bench.execute(steps, lease, events)
    #expect(state.moments.count { $0.name == .firstAction } == 1)
  }

  @Test func theRunAsAWholeHasABound() async throws {
    let policy = StepPolicy(timeout: .seconds(60), waitsForPerson: true)
    let waiting = [StepNode("ask", Ask(needed: 1), component: nil, dependsOn: [], policy: policy)]
    let (lease, events) = try await bench.begin(waiting)
    let state = try await bench.execute(
      waiting, lease, events, options: RunExecutor.Options(timeout: .milliseconds(200)))
    #expect(state.status(of: "ask") == .cancelled)
    #expect(state.isCancelled)
  }

  /// A step may do all of its work in one look: its bound holds there too, and what is done is not lost.
  @Test(.timeLimit(.minutes(2)))
  func aLookThatDoesNotEndIsBrokenOffAndGoesOnFromItsCheckpoint() async throws {
    let policy = StepPolicy(timeout: .milliseconds(100))
    let steps = [StepNode("toil", Toil(), component: nil, dependsOn: [], policy: policy)]
    let (lease, events) = try await bench.begin(steps, mode: .restore)
    let state = try await bench.execute(steps, lease, events, mode: .restore)
    #expect(state.status(of: "toil") == .failed)
    let failure = try #require(state.steps["toil"]?.failure)
    #expect(failure["summary"] == "the step took longer than its bound", "\(failure)")
    #expect(failure["reason"]?.stringValue?.contains("7 done") == true, "\(failure)")
    try await bench.ask(.retry, "toil")
    let again = try await bench.goOn(steps, [EventDraft(.runReopened)], mode: .restore)
    #expect(again.steps["toil"]?.output == "went on from 7")
  }

  /// What a look still comes to when it is told to stop counts.
  @Test(.timeLimit(.minutes(2)))
  func aLookThatEndsItsWorkFirstIsAwaited() async throws {
    let policy = StepPolicy(timeout: .milliseconds(100))
    let steps = [StepNode("finish", Finish(), component: nil, dependsOn: [], policy: policy)]
    let (lease, events) = try await bench.begin(steps)
    let state = try await bench.execute(steps, lease, events)
    #expect(state.steps["finish"]?.output == "finished")
  }
}
