import RecoveryPlan
import Testing

@testable import Recoveries

/// A component that brings back the namespaces mosaic and db, with more fields.
func veleroComponent(_ text: String) throws -> VeleroComponent {
  let plan = """
    apiVersion: dr.mosaic.life/v1
    kind: RecoveryPlan
    metadata: {name: a}
    spec:
      objectives: {rto: 1h}
      regions: {primary: us-east-1, recovery: us-west-2}
      components:
        - name: apps
          velero: {context: dr, schedule: daily, namespaces: [mosaic, db]\(text)}
    """
  let (read, diagnostics) = PlanReader(kinds: ComponentKinds.all).read(
    Array(plan.utf8), file: "a.yaml")
  #expect(diagnostics.isEmpty, "\(diagnostics.map(\.rendered))")
  return try #require(read?.components.first?.spec as? VeleroComponent)
}

/// Its restore, with mosaic under another name.
func veleroManifest(_ text: String = "", isDrill: Bool = false) throws -> RestoreManifest {
  RestoreManifest(
    component: try veleroComponent(text), namespaces: ["mosaic": "mosaic-x", "db": "db"],
    isDrill: isDrill, modifiers: nil)
}
