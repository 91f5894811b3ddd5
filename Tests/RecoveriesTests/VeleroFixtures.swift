import RecoveryPlan
import Testing

@testable import Recoveries

/// A component that brings back the namespaces mosaic and db, with more fields.
func veleroComponent(_ text: String) throws -> VeleroComponent {
  let (read, diagnostics) = readPlan(
    "name: apps\nvelero: {context: dr, schedule: daily, namespaces: [mosaic, db]\(text)}")
  #expect(diagnostics.isEmpty, "\(diagnostics.map(\.rendered))")
  return try #require(read?.components.first?.spec as? VeleroComponent)
}

/// Its restore, with mosaic under another name.
func veleroManifest(_ text: String = "", isDrill: Bool = false) throws -> RestoreManifest {
  RestoreManifest(
    component: try veleroComponent(text), namespaces: ["mosaic": "mosaic-x", "db": "db"],
    isDrill: isDrill, modifiers: nil)
}
