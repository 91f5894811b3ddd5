import PositionedYAML
import StepGraph

/// Holds the names of a plan's components and inclusions against what refers to them.
struct ReferenceCheck {
  /// What others may depend on.
  private struct Target {
    let name: Located
    let dependsOn: [Located]
  }

  private let targets: [Target]

  init(components: [ReadComponent], inclusions: [Inclusion]) {
    targets =
      components.compactMap { component in
        component.name.map { Target(name: $0, dependsOn: component.dependsOn) }
      }
      + inclusions.map {
        Target(name: Located(name: $0.plan, position: $0.place), dependsOn: $0.dependsOn)
      }
  }

  func run(_ sink: DiagnosticSink) {
    var places: [String: SourcePosition] = [:]
    for target in targets {
      let name = target.name.name
      if let first = places[name] {
        sink.report(
          "something else of the plan has the name '\(name)' (at \(first))",
          at: target.name.position, fix: "Give each component a name of its own.")
      }
      places[name] = places[name] ?? target.name.position
    }
    let names = targets.map(\.name.name)
    for target in targets {
      for needed in target.dependsOn where places[needed.name] == nil {
        let near = Suggestion.nearest(to: needed.name, in: names)
        sink.report(
          "'\(target.name.name)' depends on '\(needed.name)', which is no component of the plan",
          at: needed.position,
          fix: near.map { "Write '\($0)'." } ?? "Name one of: \(names.joined(separator: ", ")).")
      }
    }
    findCycle(sink)
  }

  private func findCycle(_ sink: DiagnosticSink) {
    let nodes = targets.map {
      StepGraph.Node($0.name.name, dependsOn: $0.dependsOn.map(\.name))
    }
    do throws(StepGraphError) {
      _ = try StepGraph(nodes)
    } catch {
      guard case .cycle(let cycle) = error,
        let first = targets.first(where: { cycle.contains($0.name.name) }),
        let link = first.dependsOn.first(where: { cycle.contains($0.name) })
      else { return }
      sink.report(
        "components wait for each other: \(cycle.joined(separator: " → ")) → \(cycle[0])",
        at: link.position, fix: "Remove one of these dependsOn entries.")
    }
  }
}
