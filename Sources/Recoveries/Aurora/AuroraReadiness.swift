import RecoveryPlan
import RunEngine

/// What is looked at before a cluster is brought back, beyond what its own steps look at.
struct AuroraReadiness {
  let component: Component
  let spec: AuroraComponent
  let plan: RecoveryPlan
  let lowering: Lowering

  var nodes: [StepNode] {
    let aws = AWSAccess(client: lowering.client, region: plan.recoveryRegion)
    let point = "\(component.name).recovery-point"
    var nodes = [
      node(
        "class",
        CheckClass(
          aws: aws, component: component.name, instanceClass: spec.target.instanceClass,
          multiAZ: false, pointStep: point), [point]),
      node("quotas", CheckQuotas(aws: aws, component: component.name), []),
      node(
        "network",
        CheckNetwork(
          aws: aws, component: component.name, subnetGroup: spec.target.subnetGroup,
          securityGroups: spec.target.securityGroups, multiAZ: true), []),
    ]
    if let key = spec.target.kmsKey {
      nodes.append(
        node("key", CheckCopyKey(aws: aws, component: component.name, key: key), []))
    }
    return nodes
  }

  private func node<Check: ReadinessCheck>(
    _ name: String, _ check: Check, _ needed: [String]
  ) -> StepNode {
    StepNode(
      "\(component.name).readiness.\(name)", check, component: component.name, dependsOn: needed,
      policy: StepPolicy(timeout: ReadOnlyPass.lookTimeout))
  }
}
