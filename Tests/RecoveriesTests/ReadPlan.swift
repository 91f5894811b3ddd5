import RecoveryPlan

@testable import Recoveries

/// Reads a plan of one component.
///
/// - Parameter component: its name and fields, as they stand under `components`.
func readPlan(
  _ component: String
) -> (plan: RecoveryPlan?, diagnostics: [Diagnostic]) {
  let lines = component.split(separator: "\n").enumerated().map { index, line in
    "    \(index == 0 ? "- " : "  ")\(line)\n"
  }
  let text = """
    apiVersion: dr.mosaic.life/v1
    kind: RecoveryPlan
    metadata: {name: a}
    spec:
      objectives: {rto: 1h}
      regions: {primary: us-east-1, recovery: us-west-2}
      components:

    """
  return PlanReader(kinds: ComponentKinds.all).read(
    Array((text + lines.joined()).utf8), file: "a.yaml")
}
