import StepGraph
import Testing

@Suite struct StepGraphTests {
  /// a ─► b ─► d, a ─► c ─► d, e alone.
  private func diamond() throws -> StepGraph {
    try StepGraph([
      .init("d", dependsOn: ["b", "c"]), .init("a"), .init("b", dependsOn: ["a"]),
      .init("c", dependsOn: ["a", "a"]), .init("e"),
    ])
  }

  @Test func anEmptyGraphAnswersEverything() throws {
    let graph = try StepGraph([])
    #expect(graph.topologicalOrder.isEmpty && graph.levels.isEmpty)
    #expect(graph.criticalPath { _ in Duration.seconds(1) }.length == .zero)
    #expect(graph.dependencies(of: "x").isEmpty && graph.allDependents(of: "x").isEmpty)
  }

  @Test func ordersByDependencyThenByGivenOrder() throws {
    #expect(try diamond().topologicalOrder == ["a", "b", "c", "d", "e"])
    let sound = ["x", "m", "a"].map { StepGraph.Node($0) } + [.init("z", dependsOn: ["m"])]
    #expect(try StepGraph(sound).topologicalOrder == ["x", "m", "a", "z"])
  }

  @Test func namesNeighbours() throws {
    let graph = try diamond()
    #expect(graph.dependencies(of: "d") == ["b", "c"])
    #expect(graph.dependencies(of: "c") == ["a"])
    #expect(graph.dependents(of: "a") == ["b", "c"])
    #expect(graph.allDependencies(of: "d") == ["a", "b", "c"])
    #expect(graph.allDependents(of: "a") == ["b", "c", "d"])
    #expect(graph.levels == [["a", "e"], ["b", "c"], ["d"]])
  }

  @Test func findsTheCriticalPath() throws {
    let weights: [String: Int64] = ["a": 1, "b": 5, "c": 9, "d": 2, "e": 11]
    let path = try diamond().criticalPath { weights[$0] ?? 0 }
    #expect(path.ids == ["a", "c", "d"] && path.length == 12)
    let remaining = try diamond().remainingPathLength { weights[$0] ?? 0 }
    #expect(remaining == ["a": 12, "b": 7, "c": 11, "d": 2, "e": 11])
    let ties = try diamond().criticalPath { _ in Duration.seconds(1) }
    #expect(ties.ids == ["a", "b", "d"] && ties.length == .seconds(3))
  }

  @Test func refusesWhatIsNoGraph() {
    #expect(throws: StepGraphError.duplicateID("a")) { try StepGraph([.init("a"), .init("a")]) }
    #expect(throws: StepGraphError.unknownDependency("x", in: "a")) {
      try StepGraph([.init("a", dependsOn: ["x"])])
    }
    #expect(throws: StepGraphError.cycle(["a"])) { try StepGraph([.init("a", dependsOn: ["a"])]) }
  }

  @Test func namesACycleInOrderFromTheFirstGiven() {
    let nodes: [StepGraph.Node] = [
      .init("behind", dependsOn: ["b"]), .init("free"), .init("a", dependsOn: ["free", "c"]),
      .init("b", dependsOn: ["a"]), .init("c", dependsOn: ["b"]),
    ]
    #expect(throws: StepGraphError.cycle(["a", "c", "b"])) { try StepGraph(nodes) }
    #expect(StepGraphError.cycle(["a", "c"]).description == "a cycle: a → c → a")
  }

  @Test func quotesLabelsForGraphviz() throws {
    let text = try StepGraph([.init("a\"b"), .init("c", dependsOn: ["a\"b"])])
      .dot(title: "p") { $0 == "c" ? "x\\l\nsecond\u{7}" : $0 }
    #expect(
      text == """
        digraph "p" {
          rankdir=LR;
          node [shape=box];
          "a\\"b" [label="a\\"b"];
          "c" [label="x\\\\l\\nsecond "];
          "a\\"b" -> "c";
        }

        """)
  }

  @Test func escapesLabelsForMermaid() throws {
    let text = try StepGraph([.init("end"), .init("c", dependsOn: ["end"])])
      .mermaid { $0 == "c" ? "<b>\"x\" #1\ntwo" : $0 }
    #expect(
      text == """
        flowchart LR
          n0["end"]
          n1["#60;b#62;#34;x#34; #35;1<br/>two"]
          n0 --> n1

        """)
  }
}
