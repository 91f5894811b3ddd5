import RecoveryPlan
import RunEngine
import RunJournal

/// What is looked at before a database is brought back, beyond what its own steps look at.
struct RDSReadiness {
  let component: Component
  let spec: RDSComponent
  let plan: RecoveryPlan
  let lowering: Lowering

  var nodes: [StepNode] {
    let aws = AWSAccess(client: lowering.client, region: plan.recoveryRegion)
    let point = id("recovery-point")
    var nodes = [
      node("key", CheckKey(aws: aws, component: component.name, pointStep: point), [point]),
      node(
        "class",
        CheckClass(
          aws: aws, component: component.name, instanceClass: spec.target.instanceClass,
          multiAZ: spec.target.multiAZ, pointStep: point), [point]),
      node("quotas", CheckQuotas(aws: aws, component: component.name), []),
      node(
        "network",
        CheckNetwork(
          aws: aws, component: component.name, subnetGroup: spec.target.subnetGroup,
          securityGroups: spec.target.securityGroups, multiAZ: spec.target.multiAZ), []),
    ]
    if lowering.mode == .restore, let identifier = spec.target.identifier {
      nodes.append(
        node(
          "name",
          CheckName(
            aws: aws, component: component.name, identifier: identifier.lowercased()), []))
    }
    return nodes
  }

  private func id(_ step: String) -> String { "\(component.name).\(step)" }

  private func node<Check: ReadinessCheck>(
    _ name: String, _ check: Check, _ needed: [String]
  ) -> StepNode {
    StepNode(
      "\(component.name).readiness.\(name)", check, component: component.name, dependsOn: needed,
      policy: StepPolicy(timeout: ReadOnlyPass.lookTimeout))
  }
}
