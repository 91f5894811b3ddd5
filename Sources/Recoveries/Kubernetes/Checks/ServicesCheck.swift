import KubernetesClient
import Platform
import RecoveryPlan
import RunEngine
import StrictJSON

/// `services`: every Service that selects pods has one that is ready; a load balancer has an address.
struct ServicesCheck: ClusterCheck {
  let longestWait: Duration
  let ignored: [String]

  init(from fields: FieldReader) {
    _ = fields.optional("name", .label(), "The check's name, unique in the component.")
    ignored = fields.optional(
      "ignore", .list(of: .kubernetesName, 0...200), default: [], shownAs: [],
      "Services that do not count.")
    longestWait = fields.optional(
      "timeout", .duration, default: .seconds(900), shownAs: "15m",
      "The bound on the wait; then the check has failed.")
  }

  var summary: String { "every service has endpoints" }

  func calls(_ scope: ClusterScope) -> [PlannedCall] {
    scope.ruledTargets.flatMap { namespace in
      [.services, .endpoints].map { scope.access.plan(.list, $0, in: namespace) }
    }
  }

  func look(_ scope: ClusterScope, _ context: StepContext) async throws -> CheckFinding {
    var served = 0
    var missing: [String] = []
    for namespace in scope.targets {
      let endpoints = try await scope.access.list(.endpoints, in: namespace, context)
      let ready = Set(endpoints.filter(Self.hasAddress).map(\.objectName))
      for service in try await scope.access.list(.services, in: namespace, context)
      where !ignored.contains(service.objectName) {
        let spec = service["spec"]
        // What selects nothing gets its endpoints from elsewhere.
        guard spec?["selector"]?.objectValue?.members.isEmpty == false else { continue }
        let name = "\(namespace)/\(service.objectName)"
        let hasBalancer =
          service.at("status", "loadBalancer", "ingress")?.arrayValue?.isEmpty == false
        if !ready.contains(service.objectName) {
          missing.append("service \(name) has no ready endpoint")
        } else if spec?["type"] == "LoadBalancer", !hasBalancer {
          missing.append("service \(name) has no load balancer yet")
        } else {
          served += 1
        }
      }
    }
    if let first = missing.first { return .waiting(first) }
    return served == 0
      ? .waiting("there are no services") : .holds("\(served) services have endpoints")
  }

  private static func hasAddress(_ endpoints: JSONValue) -> Bool {
    (endpoints["subsets"]?.arrayValue ?? []).contains {
      $0["addresses"]?.arrayValue?.isEmpty == false
    }
  }
}
