import KubernetesClient
import Platform
import RecoveryPlan
import RunEngine
import StrictJSON

/// What is looked at before namespaces are brought back, beyond what the steps themselves look at.
struct VeleroReadiness {
  let component: Component
  let spec: VeleroComponent
  let plan: RecoveryPlan
  let lowering: Lowering

  var nodes: [StepNode] {
    let access = ClusterAccess(
      directory: lowering.clusters, aws: lowering.client,
      target: spec.cluster.target(region: plan.recoveryRegion))
    let own = VeleroLowering(component: component, spec: spec, lowering: lowering)
      .nodes(after: [])
    return [
      node("access", CheckAccess(access: access, component: component.name, planned: own)),
      node(
        "velero",
        CheckVelero(access: access, component: component.name, namespace: spec.veleroNamespace)),
    ]
  }

  private func node<Check: ReadinessCheck>(_ name: String, _ check: Check) -> StepNode {
    StepNode(
      "\(component.name).readiness.\(name)", check, component: component.name, dependsOn: [],
      policy: StepPolicy(timeout: ReadOnlyPass.lookTimeout))
  }
}
