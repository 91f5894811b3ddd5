import KubernetesClient
import StrictJSON

/// How a workload stands, by the rules of `kubectl rollout status` and the API's own conditions. What
/// the controller has not looked at since the last change counts for nothing.
enum WorkloadState: Equatable {
  case ready
  /// Not yet; what is missing.
  case waiting(String)
  /// It will not get ready by itself; why.
  case failed(String)

  /// The kinds that count, and how each is judged.
  static let kinds:
    [(resource: KubernetesResource, judge: @Sendable (JSONValue) -> WorkloadState)] =
      [
        (.deployments, deployment), (.statefulSets, statefulSet), (.daemonSets, daemonSet),
        (.jobs, job),
      ]

  private static func number(_ object: JSONValue, _ part: String, _ field: String) -> Int64? {
    object.at(part, field)?.integerValue
  }

  private static func isObserved(_ object: JSONValue) -> Bool {
    (number(object, "status", "observedGeneration") ?? 0)
      >= (number(object, "metadata", "generation") ?? 0)
  }

  @Sendable private static func deployment(_ object: JSONValue) -> WorkloadState {
    guard isObserved(object) else { return .waiting("its controller has not seen it yet") }
    if let progressing = object.condition("Progressing"),
      progressing["reason"] == "ProgressDeadlineExceeded"
    {
      return .failed(progressing["message"]?.stringValue ?? "ProgressDeadlineExceeded")
    }
    let wanted = number(object, "spec", "replicas") ?? 1
    let updated = number(object, "status", "updatedReplicas") ?? 0
    let available = number(object, "status", "availableReplicas") ?? 0
    if updated < wanted { return .waiting("\(updated) of \(wanted) replicas updated") }
    if (number(object, "status", "replicas") ?? 0) > updated {
      return .waiting("old replicas are still there")
    }
    return available < updated ? .waiting("\(available) of \(updated) replicas available") : .ready
  }

  @Sendable private static func statefulSet(_ object: JSONValue) -> WorkloadState {
    guard isObserved(object) else { return .waiting("its controller has not seen it yet") }
    let wanted = number(object, "spec", "replicas") ?? 1
    let ready = number(object, "status", "readyReplicas") ?? 0
    if ready < wanted { return .waiting("\(ready) of \(wanted) replicas ready") }
    let strategy = object.at("spec", "updateStrategy")
    let isPartitioned = (strategy?.at("rollingUpdate", "partition")?.integerValue ?? 0) > 0
    if strategy?["type"] == "OnDelete" || isPartitioned { return .ready }
    let update = object.at("status", "updateRevision")?.stringValue
    let current = object.at("status", "currentRevision")?.stringValue
    return update != nil && update != current ? .waiting("a new revision is rolled out") : .ready
  }

  @Sendable private static func daemonSet(_ object: JSONValue) -> WorkloadState {
    guard isObserved(object) else { return .waiting("its controller has not seen it yet") }
    let wanted = number(object, "status", "desiredNumberScheduled") ?? 0
    let updated = number(object, "status", "updatedNumberScheduled") ?? 0
    let available = number(object, "status", "numberAvailable") ?? 0
    if updated < wanted { return .waiting("\(updated) of \(wanted) pods updated") }
    return available < wanted ? .waiting("\(available) of \(wanted) pods available") : .ready
  }

  @Sendable private static func job(_ object: JSONValue) -> WorkloadState {
    if object.condition("Complete")?["status"] == "True" { return .ready }
    if let failed = object.condition("Failed"), failed["status"] == "True" {
      return .failed(failed["message"]?.stringValue ?? "the job failed")
    }
    if object.at("spec", "suspend")?.boolValue == true { return .ready }
    return .waiting("\(number(object, "status", "succeeded") ?? 0) completions so far")
  }
}
