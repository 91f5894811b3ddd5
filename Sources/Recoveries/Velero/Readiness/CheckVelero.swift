import KubernetesClient
import Platform
import RunEngine
import StrictJSON

/// Whether Velero's server is alive, and which version it is: it answers a ServerStatusRequest, which
/// is what `velero version` sends too, and forgets it after a minute.
struct CheckVelero: ReadinessCheck {
  static let kind = "readiness.velero.server"
  /// How long the server is given to answer.
  static let patience: Duration = .seconds(15)
  /// The oldest version whose restores this program asks for: resource modifiers with conditions.
  static let oldest = 13

  let access: ClusterAccess
  let component: String
  let namespace: String

  var summary: String { "Velero" }
  var calls: [PlannedCall] {
    access.discovery + [
      access.plan(.create, .statusRequests, in: namespace),
      access.plan(.get, .statusRequests, in: namespace, "<name>"),
      access.plan(.delete, .statusRequests, in: namespace, "<name>"),
    ]
  }

  func observe(_ context: StepContext) async throws -> Observation<[ReadinessRow]> {
    let request: JSONValue
    do {
      request = try await access.send(
        .create(
          .statusRequests,
          [
            "apiVersion": "velero.io/v1", "kind": "ServerStatusRequest",
            "metadata": ["generateName": "mosaic-dr-"], "spec": [:],
          ], in: namespace), context)
    } catch let error as KubernetesError where error.isMissing {
      throw VeleroProblems.notInstalled(access.target)
    }
    let version = try await version(request.objectName, context)
    _ = try? await access.send(
      .delete(.statusRequests, request.objectName, in: namespace, uid: request.objectUID), context)
    guard let version else {
      return .ready([
        ReadinessRow(
          component, summary, .notReady,
          "its server does not answer within \(Self.patience.readable)",
          fix: "Look at the Deployment 'velero' in namespace \(namespace).")
      ])
    }
    let isOld = (CheckRecoveryCluster.minor(version) ?? .max) < Self.oldest
    return .ready([
      ReadinessRow(
        component, summary, isOld ? .notReady : .ready, "its server is \(version)",
        fix: isOld ? "Use Velero v1.\(Self.oldest) or later." : nil)
    ])
  }

  private func version(_ name: String, _ context: StepContext) async throws -> String? {
    let limit = context.time.now().sinceBoot + Self.patience.wholeNanoseconds
    while context.time.now().sinceBoot < limit {
      let found = try await access.find(.statusRequests, name, in: namespace, context)
      if let version = found?.at("status", "serverVersion")?.stringValue { return version }
      try await context.time.sleep(for: .milliseconds(250))
    }
    return nil
  }
}
