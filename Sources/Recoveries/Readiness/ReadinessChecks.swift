import RecoveryPlan
import RunEngine

extension Lowering {
  /// The checks that a kind of component adds to those of its own preparing steps: one line a kind.
  func readinessChecks(of component: Component, in plan: RecoveryPlan) -> [StepNode] {
    switch component.spec {
    case let spec as RDSComponent:
      RDSReadiness(component: component, spec: spec, plan: plan, lowering: self).nodes
        + [login(to: component, by: spec.access)]
    case let spec as AuroraComponent:
      AuroraReadiness(component: component, spec: spec, plan: plan, lowering: self).nodes
        + [login(to: component, by: spec.access)]
    case let spec as VeleroComponent:
      VeleroReadiness(component: component, spec: spec, plan: plan, lowering: self).nodes
    default: []
    }
  }

  private func login(to component: Component, by access: DatabaseAccess) -> StepNode {
    StepNode(
      "\(component.name).readiness.login",
      CheckLogin(component: component.name, access: access, environment: environment),
      component: component.name, dependsOn: [],
      policy: StepPolicy(timeout: ReadOnlyPass.lookTimeout))
  }
}
