import StepGraph
import Testing

/// SplitMix64, so that a failing seed can be run again.
struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}

@Suite struct RandomGraphTests {
  private func nodes(count: Int, edges: Int, _ generator: inout SeededGenerator)
    -> [StepGraph.Node]
  {
    let rank = (0..<count).shuffled(using: &generator)
    return (0..<count).map { index in
      let before = (0..<count).filter { rank[$0] < rank[index] }
      let wanted = (0..<edges).compactMap { _ in before.randomElement(using: &generator) }
      return StepGraph.Node("s\(index)", dependsOn: wanted.map { "s\($0)" })
    }
  }

  @Test(arguments: 0..<40)
  func holdsItsPromisesOnRandomGraphs(round: Int) throws {
    let seed = UInt64.random(in: 0...UInt64.max)
    var generator = SeededGenerator(state: seed)
    let nodes = nodes(count: 1 + round * 2, edges: round % 5, &generator)
    let weights = Dictionary(
      uniqueKeysWithValues: nodes.map { ($0.id, Int64.random(in: 0...9, using: &generator)) })
    let graph = try StepGraph(nodes)
    let place = Dictionary(
      uniqueKeysWithValues: graph.topologicalOrder.enumerated().map { ($1, $0) })
    let note: Comment = "seed \(seed)"

    #expect(place.count == nodes.count, note)
    for node in nodes {
      for before in node.dependsOn { #expect(place[before]! < place[node.id]!, note) }
      #expect(
        Set(graph.allDependencies(of: node.id)) == reachable(from: node.id, in: nodes), note)
      for dependent in graph.dependents(of: node.id) {
        #expect(graph.dependencies(of: dependent).contains(node.id), note)
      }
    }
    #expect(graph.levels.flatMap(\.self).sorted() == graph.ids.sorted(), note)
    let path = graph.criticalPath { weights[$0]! }
    #expect(path.length == longest(nodes, weights, graph.topologicalOrder), note)
    #expect(path.ids.reduce(0) { $0 + weights[$1]! } == path.length, note)
    for (first, second) in zip(path.ids, path.ids.dropFirst()) {
      #expect(graph.dependencies(of: second).contains(first), note)
    }
  }

  @Test(arguments: 0..<20)
  func findsEveryPlantedCycle(round: Int) {
    let seed = UInt64.random(in: 0...UInt64.max)
    var generator = SeededGenerator(state: seed)
    var nodes = nodes(count: 30, edges: 2, &generator)
    let ring = (0..<30).shuffled(using: &generator).prefix(2 + round % 7)
    for (index, next) in zip(ring, Array(ring.dropFirst()) + [ring[0]]) {
      nodes[index] = .init("s\(index)", dependsOn: nodes[index].dependsOn + ["s\(next)"])
    }
    do {
      _ = try StepGraph(nodes)
      Issue.record("no cycle found, seed \(seed)")
    } catch .cycle(let ids) {
      let depends = Dictionary(uniqueKeysWithValues: nodes.map { ($0.id, $0.dependsOn) })
      for (first, second) in zip(ids, Array(ids.dropFirst()) + [ids[0]]) {
        #expect(depends[first]!.contains(second), "seed \(seed)")
      }
    } catch {
      Issue.record("\(error), seed \(seed)")
    }
  }

  @Test func sortsTenThousandNodesInAChainAndInAFan() throws {
    let count = 10_000
    let chain = (0..<count).reversed().map { index in
      StepGraph.Node("s\(index)", dependsOn: index == 0 ? [] : ["s\(index - 1)"])
    }
    let graph = try StepGraph(chain)
    #expect(graph.topologicalOrder.last == "s\(count - 1)")
    #expect(graph.criticalPath { _ in Duration.seconds(1) }.length == .seconds(count))
    let fan = (0..<count).map { StepGraph.Node("s\($0)", dependsOn: $0 == 0 ? [] : ["s0"]) }
    #expect(try StepGraph(fan).levels.map(\.count) == [1, count - 1])
  }

  private func reachable(from id: String, in nodes: [StepGraph.Node]) -> Set<String> {
    let depends = Dictionary(uniqueKeysWithValues: nodes.map { ($0.id, $0.dependsOn) })
    var found: Set<String> = []
    var pending = depends[id, default: []]
    while let next = pending.popLast() {
      if found.insert(next).inserted { pending += depends[next, default: []] }
    }
    return found
  }

  private func longest(
    _ nodes: [StepGraph.Node], _ weights: [String: Int64], _ order: [String]
  ) -> Int64 {
    let depends = Dictionary(uniqueKeysWithValues: nodes.map { ($0.id, $0.dependsOn) })
    var ends: [String: Int64] = [:]
    for id in order {
      ends[id] =
        weights[id, default: 0] + (depends[id, default: []].map { ends[$0, default: 0] }.max() ?? 0)
    }
    return ends.values.max() ?? 0
  }
}
