import RunJournal
import Testing

@testable import RunEngine

@Suite struct SchedulerTests {
  private func node(_ id: String, _ after: [String] = []) -> StepNode {
    StepNode(
      id, Look(world: World(), name: id), component: nil, dependsOn: after,
      policy: StepPolicy(timeout: .seconds(1)))
  }

  private func cleanup(_ after: [String]) -> StepNode {
    StepNode(
      removing: Make(world: World(), name: "copy"), madeBy: "a", as: "cleanup", component: nil,
      dependsOn: after, policy: StepPolicy(timeout: .seconds(1)))
  }

  @Test func theMostUrgentComesFirstAndOnlyWhenItMay() {
    var scheduler = Scheduler(
      nodes: [node("c", ["a", "b", "a"]), node("a"), node("b")], state: RunState(), running: [])
    #expect(scheduler.next()?.id == "a")
    #expect(scheduler.next()?.id == "b")
    #expect(scheduler.next() == nil)
    scheduler.settle("a", as: .succeeded)
    scheduler.settle("a", as: .succeeded)
    #expect(scheduler.next() == nil)
    scheduler.settle("b", as: .skipped)
    #expect(scheduler.next()?.id == "c")
    #expect(scheduler.unended == 1)
    scheduler.settle("c", as: .succeeded)
    #expect(scheduler.unended == 0)
  }

  @Test func aBadEndBlocksWhatNeedsItButNotCleanup() {
    var scheduler = Scheduler(
      nodes: [node("a"), node("b", ["a"]), node("c", ["b"]), cleanup(["a", "b", "c"])],
      state: RunState(), running: [])
    #expect(scheduler.next()?.id == "a")
    scheduler.settle("a", as: .failed)
    let blocked = scheduler.takeBlocked()
    #expect(blocked.map(\.node.id) == ["b"])
    #expect(blocked.map(\.by) == ["a"])
    #expect(scheduler.takeBlocked().isEmpty)
    scheduler.settle("b", as: .cancelled)
    #expect(scheduler.takeBlocked().map(\.node.id) == ["c"])
    #expect(scheduler.next() == nil)
    scheduler.settle("c", as: .cancelled)
    #expect(scheduler.next()?.id == "cleanup")
  }

  /// Each step is looked at once: a run of this size would otherwise not end.
  @Test(arguments: [1, 100]) func everyStepBeginsOnce(width: Int) {
    let count = 20_000
    let nodes = (0..<count).map { node("\($0)", $0 < width ? [] : ["\($0 - width)"]) }
    var scheduler = Scheduler(nodes: nodes, state: RunState(), running: [])
    var begun: Set<String> = []
    var waiting: [String] = []
    while scheduler.unended > 0 {
      while let next = scheduler.next() {
        #expect(begun.insert(next.id).inserted)
        waiting.append(next.id)
      }
      guard let first = waiting.popLast() else { break }
      scheduler.settle(first, as: .succeeded)
    }
    #expect(begun.count == count)
  }
}
