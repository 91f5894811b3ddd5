import KubernetesClient
import StrictJSON

/// Why a pod does not get ready, when it is plain that waiting does not help.
enum PodTrouble {
  /// Reasons of waiting containers that do not go away by themselves (kubelet's `images` and
  /// `container` packages).
  private static let hopeless: Set<String> = [
    "ImagePullBackOff", "ErrImagePull", "InvalidImageName", "ErrImageNeverPull",
    "CrashLoopBackOff", "CreateContainerConfigError", "CreateContainerError", "RunContainerError",
  ]
  /// How often a container has to have crashed before that counts: some start before what they need.
  static let crashes = 3

  /// The trouble in words, with the server's own; nil when there is none that is plain.
  static func plain(of pod: JSONValue) -> String? {
    for container in containers(of: pod) {
      guard let waiting = container.at("state", "waiting"),
        let reason = waiting["reason"]?.stringValue, hopeless.contains(reason)
      else { continue }
      let restarts = container["restartCount"]?.integerValue ?? 0
      if reason == "CrashLoopBackOff", restarts < crashes { continue }
      let message = waiting["message"]?.stringValue.map { ": \($0)" } ?? ""
      let count = restarts > 0 ? " after \(restarts) restarts" : ""
      let name = container["name"]?.stringValue ?? "?"
      return "pod \(pod.objectName), container \(name): \(reason)\(count)\(message)"
    }
    return nil
  }

  /// What a pod waits for, in words; nil when it is ready.
  static func waiting(_ pod: JSONValue) -> String? {
    if pod.condition("Ready")?["status"] == "True" { return nil }
    let phase = pod.at("status", "phase")?.stringValue ?? "Pending"
    if phase == "Succeeded" { return nil }
    if let scheduled = pod.condition("PodScheduled"), scheduled["status"] == "False" {
      let message = scheduled["message"]?.stringValue ?? ""
      return "pod \(pod.objectName) is not scheduled: \(message)"
    }
    let reason = containers(of: pod).compactMap { $0.at("state", "waiting", "reason")?.stringValue }
      .first
    return "pod \(pod.objectName) is \(phase)\(reason.map { ", \($0)" } ?? "")"
  }

  private static func containers(of pod: JSONValue) -> [JSONValue] {
    (pod.at("status", "initContainerStatuses")?.arrayValue ?? [])
      + (pod.at("status", "containerStatuses")?.arrayValue ?? [])
  }
}
