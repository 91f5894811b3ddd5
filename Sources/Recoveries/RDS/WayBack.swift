import RunEngine

/// The steps that bring a database back one way.
struct WayBack {
  var nodes: [StepNode]
  /// The step whose output is the instance.
  let instanceStep: String
  /// Whether the instance is one that was there before: then it keeps its settings.
  var isOriginal = false
  /// What a drill removes, each once all that came before it has ended.
  var removals: [@Sendable (_ after: [String]) -> StepNode] = []
}
