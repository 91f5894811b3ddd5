import StepGraph
import StrictJSON

/// Building a plan's graph, its order and its critical path.
enum GraphWork {
  static func run(count: Int) throws -> JSONValue {
    let nodes = (0..<count).map { number in
      StepGraph.Node(
        "s\(number)",
        dependsOn: number < 10 ? [] : ["s\(number - 10)", "s\(number - number % 10 - 1)"])
    }
    let watch = Stopwatch()
    let graph = try StepGraph(nodes)
    let path = graph.criticalPath { _ in 1 }
    return watch.result(["critical": .integer(Int64(path.ids.count))])
  }
}
