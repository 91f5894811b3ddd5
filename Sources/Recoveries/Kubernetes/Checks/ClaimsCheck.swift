import KubernetesClient
import Platform
import RecoveryPlan
import RunEngine
import StrictJSON

/// `claims`: every PersistentVolumeClaim is bound to a volume.
struct ClaimsCheck: ClusterCheck {
  let atLeast: Int
  let longestWait: Duration

  init(from fields: FieldReader) {
    _ = fields.optional("name", .label(), "The check's name, unique in the component.")
    atLeast = fields.optional(
      "atLeast", .integer(1...100_000), default: 1, shownAs: 1, "How many there must be.")
    longestWait = fields.optional(
      "timeout", .duration, default: .seconds(1_200), shownAs: "20m",
      "The bound on the wait; then the check has failed.")
  }

  var summary: String { "every volume claim is bound" }

  func calls(_ scope: ClusterScope) -> [PlannedCall] {
    scope.ruledTargets.map { scope.access.plan(.list, .claims, in: $0) }
      + [scope.access.plan(.list, .storageClasses, in: nil)]
  }

  func look(_ scope: ClusterScope, _ context: StepContext) async throws -> CheckFinding {
    var claims: [JSONValue] = []
    for namespace in scope.targets {
      claims += try await scope.access.list(.claims, in: namespace, context)
    }
    guard claims.count >= atLeast else {
      return .waiting("\(claims.count) of at least \(atLeast) claims are there")
    }
    let unbound = claims.filter { $0.at("status", "phase")?.stringValue != "Bound" }
    guard let first = unbound.first else { return .holds("\(claims.count) claims are bound") }
    let name = "claim \(first.objectNamespace ?? "")/\(first.objectName)"
    if first.at("status", "phase")?.stringValue == "Lost" {
      return .troubled("\(name) has lost its volume")
    }
    let wanted = first.at("spec", "storageClassName")?.stringValue
    let classes = try await scope.access.list(.storageClasses, in: nil, context).map(\.objectName)
    if let wanted, !wanted.isEmpty, !classes.contains(wanted) {
      return .troubled(
        "\(name) asks for the StorageClass \(wanted), which the cluster does not have "
          + "(it has \(classes.sorted().joined(separator: ", ")))")
    }
    return .waiting("\(unbound.count) of \(claims.count) claims are not bound: \(name)")
  }
}
