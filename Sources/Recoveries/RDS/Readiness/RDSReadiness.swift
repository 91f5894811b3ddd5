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
    // What stands by already has everything that this looks at.
    if lowering.mode == .restore, spec.isStandingBy { return [] }
    let region = spec.recoverFrom == .failover ? plan.primaryRegion : plan.recoveryRegion
    let aws = AWSAccess(client: lowering.client, region: region)
    let point = id("recovery-point")
    var nodes = [
      node(
        "class",
        CheckClass(
          aws: aws, component: component.name, instanceClass: spec.target.instanceClass,
          multiAZ: spec.target.multiAZ ?? false, pointStep: point), [point]),
      node("quotas", CheckQuotas(aws: aws, component: component.name), []),
      node(
        "network",
        CheckNetwork(
          aws: aws, component: component.name, subnetGroup: spec.target.subnetGroup,
          securityGroups: spec.target.securityGroups, multiAZ: spec.target.multiAZ ?? false), []),
    ]
    if case .snapshotCopy(let options) = spec.recoverFrom {
      nodes.append(
        node("key", CheckCopyKey(aws: aws, component: component.name, key: options.kmsKey), []))
    } else {
      nodes.append(
        node("key", CheckKey(aws: aws, component: component.name, pointStep: point), [point]))
    }
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

extension RDSComponent {
  /// Whether a restore takes what is there instead of making something.
  fileprivate var isStandingBy: Bool {
    switch recoverFrom {
    case .replica, .failover: true
    default: false
    }
  }
}
