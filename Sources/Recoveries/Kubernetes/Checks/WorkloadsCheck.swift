import KubernetesClient
import Platform
import RecoveryPlan
import RunEngine
import RunJournal
import StrictJSON

/// `workloads`: every Deployment, StatefulSet, DaemonSet and Job is ready by the API's own word.
struct WorkloadsCheck: ClusterCheck {
  let expected: [String]
  let longestWait: Duration
  let patience: Duration

  /// The check that every restore has.
  init() {
    expected = []
    longestWait = .seconds(1_800)
    patience = .seconds(120)
  }

  init(from fields: FieldReader) {
    _ = fields.optional("name", .label(), "The check's name, unique in the component.")
    expected = fields.optional(
      "expect", .list(of: .text(upTo: 300), 0...200), default: [], shownAs: [],
      "Workloads that must be there: statefulset/neo4j. Others that were restored count too.")
    longestWait = fields.optional(
      "timeout", .duration, default: .seconds(1_800), shownAs: "30m",
      "The bound on the wait; then the check has failed.")
    patience = fields.optional(
      "failAfter", .duration, default: .seconds(120), shownAs: "2m",
      "How long an image that cannot be pulled, or a crash loop, is given to go away.")
  }

  var summary: String { "every workload is ready" }

  func calls(_ scope: ClusterScope) -> [PlannedCall] {
    scope.ruledTargets.flatMap { namespace in
      (WorkloadState.kinds.map(\.resource) + [.pods]).map {
        scope.access.plan(.list, $0, in: namespace)
      }
    }
  }

  func look(_ scope: ClusterScope, _ context: StepContext) async throws -> CheckFinding {
    var found: [String] = []
    var missing: [String] = []
    var failed: [String] = []
    var jobs: [JSONValue] = []
    for namespace in scope.targets {
      for (resource, judge) in WorkloadState.kinds {
        let kind = resource.plural.dropLast()
        for object in try await scope.access.list(resource, in: namespace, context) {
          let name = "\(kind)/\(object.objectName)"
          found.append(name)
          if resource == .jobs { jobs.append(object) }
          noteSleeping(object, name, namespace, context)
          switch judge(object) {
          case .ready: break
          case .waiting(let what): missing.append("\(namespace) \(name): \(what)")
          case .failed(let why): failed.append("\(namespace) \(name): \(why)")
          }
        }
      }
    }
    let absent = Set(expected).subtracting(found).sorted()
    if found.isEmpty || !absent.isEmpty {
      let what = absent.isEmpty ? "workloads" : absent.joined(separator: ", ")
      return .waiting("there is no \(what) in \(scope.targets.joined(separator: ", "))")
    }
    let pods = try await pods(scope, context)
    failed += pods.compactMap(PodTrouble.plain)
    if let first = failed.first {
      return .troubled(failed.count == 1 ? first : "\(first) (and \(failed.count - 1) more)")
    }
    if let first = missing.first {
      let why = pods.compactMap(PodTrouble.waiting).first.map { "; \($0)" } ?? ""
      return .waiting("\(found.count - missing.count) of \(found.count) ready; \(first)\(why)")
    }
    noteUsable(pods, jobs, context)
    return .holds("\(found.count) workloads are ready: \(found.sorted().joined(separator: ", "))")
  }

  private func pods(_ scope: ClusterScope, _ context: StepContext) async throws -> [JSONValue] {
    var pods: [JSONValue] = []
    for namespace in scope.targets {
      pods += try await scope.access.list(.pods, in: namespace, context).filter {
        !$0.isBeingDeleted
      }
    }
    return pods
  }

  private func noteUsable(_ pods: [JSONValue], _ jobs: [JSONValue], _ context: StepContext) {
    guard let last = Self.lastReady(pods, jobs) else { return }
    context.note(
      Moment(
        .usable, of: context.component, at: last.at, evidence: .serviceField, source: last.source))
  }

  /// The last pod to get ready, or the last job to complete, by the cluster's own clock.
  static func lastReady(
    _ pods: [JSONValue], _ jobs: [JSONValue]
  ) -> (at: Timestamp, source: String)? {
    let ready = pods.compactMap { pod -> (at: Timestamp, source: String)? in
      guard let condition = pod.condition("Ready"), condition["status"] == "True" else {
        return nil
      }
      return condition["lastTransitionTime"]?.stringValue.flatMap { Timestamp($0) }
        .map { ($0, "Ready of pod \(pod.objectName), the last one") }
    }
    let complete = jobs.compactMap { job -> (at: Timestamp, source: String)? in
      job.at("status", "completionTime")?.stringValue.flatMap { Timestamp($0) }
        .map { ($0, "completionTime of job \(job.objectName), the last one") }
    }
    return (ready + complete).max { $0.at < $1.at }
  }

  private func noteSleeping(
    _ object: JSONValue, _ name: String, _ namespace: String, _ context: StepContext
  ) {
    guard object.at("spec", "replicas")?.integerValue == 0 else { return }
    context.note(Finding(.note, "\(name) in \(namespace) is ready with no replicas at all."))
  }
}
