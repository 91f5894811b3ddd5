public import StepGraph

/// Compiled steps in their graph: in an order that works, and with the chain that decides how long they
/// take.
public struct StepArrangement: Sendable {
  /// The graph of their names.
  public let graph: StepGraph
  private let nodes: [String: StepNode]

  /// - Throws: `StepGraphError` when the steps form no graph.
  public init(_ nodes: [StepNode]) throws {
    graph = try StepGraph(nodes.map { StepGraph.Node($0.id, dependsOn: $0.dependsOn) })
    self.nodes = Dictionary(nodes.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// The steps, each after everything it depends on.
  public var ordered: [StepNode] { graph.topologicalOrder.compactMap { nodes[$0] } }

  /// The names on the expected critical path, first to last.
  public var criticalPath: [String] {
    graph.criticalPath { nodes[$0]?.policy.expected ?? .zero }.ids
  }

  /// What a step does, in a few words; its name when there is none of that name.
  public func summary(of id: String) -> String { nodes[id]?.summary ?? id }
}
