import AWSClient
import Platform
import RecoveryPlan
import RunEngine
import RunJournal

/// The steps that lead users to what was recovered, one after the other, and those that lead them
/// back when not all of them succeed. Only in a restore.
struct CutOverNodes {
  /// The kinds of cut-over.
  static let kinds = [
    CheckKind(key: "dns", summary: "A DNS record.", spec: DNSCutOver.self),
    CheckKind(key: "secret", summary: "A secret that names the host.", spec: SecretCutOver.self),
  ]
  static let done = "cut-over"

  let component: Component
  let lowering: Lowering
  /// The step whose output says where the recovered instance is reached.
  let instanceStep: String
  /// Where the recovered instance is.
  let region: String

  /// - Parameter verified: the step after which nothing speaks against it.
  func nodes(after verified: String) -> [StepNode] {
    guard lowering.mode == .restore, !component.cutOvers.isEmpty else { return [] }
    var nodes: [StepNode] = []
    var undo: [StepNode] = []
    var last = verified
    for cutOver in component.cutOvers {
      guard let (made, reversal) = steps(of: cutOver, after: last) else { continue }
      nodes.append(made)
      last = made.id
      // The last change is taken back first.
      if let reversal { undo.insert(reversal, at: 0) }
    }
    nodes.append(
      StepNode(
        id(Self.done), NoteCutOver(steps: nodes.map(\.id)), component: component.name,
        dependsOn: [last], policy: StepPolicy(timeout: .seconds(60), expected: .milliseconds(1))))
    var before = [id(Self.done)]
    for reversal in undo {
      nodes.append(reversal.waiting(for: before))
      before = [reversal.id]
    }
    return nodes
  }

  private func steps(of cutOver: Check, after last: String) -> (StepNode, StepNode?)? {
    switch cutOver.spec {
    case let spec as DNSCutOver where spec.isPreMade:
      let step = AwaitRecord(spec: spec, instanceStep: instanceStep)
      return (
        StepNode(
          id(cutOver.name), step, component: component.name, dependsOn: [last],
          policy: StepPolicy(timeout: spec.timeout)), nil
      )
    case let spec as DNSCutOver:
      return changing(
        cutOver.name,
        PointRecord(aws: aws, spec: spec, instanceStep: instanceStep, completion: id(Self.done)),
        after: last, within: spec.timeout)
    case let spec as SecretCutOver:
      return changing(
        cutOver.name,
        ReplaceSecret(aws: aws, spec: spec, instanceStep: instanceStep, completion: id(Self.done)),
        after: last, within: .seconds(300))
    default: return nil
    }
  }

  private func changing<S: RemovableStep>(
    _ name: String, _ step: @autoclosure () -> S, after last: String, within bound: Duration
  ) -> (StepNode, StepNode?) {
    let made = StepNode(
      id(name), step(), component: component.name, dependsOn: [last],
      policy: StepPolicy(timeout: bound))
    // Each has a record of calls of its own.
    let undone = StepNode(
      removing: step(), madeBy: id(name), as: id("undo-\(name)"), component: component.name,
      // The way back has its time even when the way there is given little.
      dependsOn: [], policy: StepPolicy(timeout: max(bound, .seconds(300))))
    return (made, undone)
  }

  private func id(_ step: String) -> String { "\(component.name).\(step)" }

  private var aws: AWSAccess { AWSAccess(client: lowering.client, region: region) }
}
