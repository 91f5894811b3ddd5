import KubernetesClient
import Platform
import RunEngine
import RunJournal
import StrictJSON
import Synchronization

/// Follows a restore by watch, and says how far it is.
final class RestoreProgress: Sendable {
  /// How long a restore that Velero has not taken up is nothing to worry about.
  static let unnoticedFor: Duration = .seconds(60)

  private let access: ClusterAccess
  private let namespace: String
  private let state = Mutex(State())

  private struct State {
    var name: String?
    var follower: ObjectFollower?
    var newSince: Int64?
  }

  init(access: ClusterAccess, namespace: String) {
    self.access = access
    self.namespace = namespace
  }

  /// The restore of that name as it is, after a change or after a while; nil when it is not there.
  func next(
    _ name: String, within time: Duration, _ context: StepContext
  ) async throws -> JSONValue? {
    try await access.next(try await follower(of: name), within: time, context)
  }

  /// Another restore is followed from its beginning.
  private func follower(of name: String) async throws -> ObjectFollower {
    let known = state.withLock { $0.name == name ? $0.follower : nil }
    if let known { return known }
    let made = ObjectFollower(try await access.client(), .restores, name, in: namespace)
    state.withLock { $0 = State(name: name, follower: made) }
    return made
  }

  /// What a restore is at, for people.
  func shown(_ restore: JSONValue, _ context: StepContext) async throws -> Progress {
    let phase = restore.at("status", "phase")?.stringValue ?? "New"
    switch RestorePhase(restore) {
    case .new: return unnoticed(context)
    case .inProgress:
      let done = restore.at("status", "progress", "itemsRestored")?.integerValue ?? 0
      let total = restore.at("status", "progress", "totalItems")?.integerValue ?? 0
      guard total > 0 else { return Progress("\(phase): reading the backup", isNear: true) }
      let data = try await data(of: restore, .podVolumeRestores, context)
      return Progress(
        "\(phase): \(done) of \(total) items\(data)", percent: Int(min(done, total) * 100 / total),
        isNear: true)
    case .waitingForPlugins:
      let done = restore.at("status", "restoreItemOperationsCompleted")?.integerValue
      let all = restore.at("status", "restoreItemOperationsAttempted")?.integerValue
      let count = all.map { ": \(done ?? 0) of \($0) operations" } ?? ""
      return Progress(
        "\(phase)\(count)\(try await data(of: restore, .dataDownloads, context))", isNear: true)
    default: return Progress(phase, isNear: true)
    }
  }

  private func unnoticed(_ context: StepContext) -> Progress {
    let now = context.time.now().sinceBoot
    let since = state.withLock { state in
      state.newSince = state.newSince ?? now
      return state.newSince ?? now
    }
    guard .nanoseconds(now - since) >= Self.unnoticedFor else {
      return Progress("New: Velero has not taken it up yet", isNear: true)
    }
    return Progress(
      "New for more than \(Self.unnoticedFor.readable): Velero's server does not run, or works on "
        + "another restore")
  }

  /// The bytes of volumes that have come so far; nothing when there are none.
  private func data(
    of restore: JSONValue, _ kind: KubernetesResource, _ context: StepContext
  ) async throws -> String {
    let transfers: [JSONValue]
    do {
      transfers = try await access.list(
        kind, in: namespace, context,
        ObjectSelector(labels: "velero.io/restore-uid=\(restore.objectUID)"))
    } catch let error as KubernetesError where error.isMissing || error.status == 403 {
      // Older servers have no such kind; and without the right the restore goes on all the same.
      return ""
    }
    guard !transfers.isEmpty else { return "" }
    let sum = { (field: String) in
      transfers.compactMap { $0.at("status", "progress", field)?.integerValue }.reduce(0, +)
    }
    let stuck = transfers.first {
      ["Failed", "Canceled"].contains($0.at("status", "phase")?.stringValue ?? "")
    }
    let trouble = stuck.map { transfer in
      let message = transfer.at("status", "message")?.stringValue.map { ": \($0)" } ?? ""
      return
        "; \(transfer.objectName) \(transfer.at("status", "phase")?.stringValue ?? "")\(message)"
    }
    return ", \(Self.mebibytes(sum("bytesDone"))) of \(Self.mebibytes(sum("totalBytes"))) MiB of "
      + "\(transfers.count) volumes\(trouble ?? "")"
  }

  private static func mebibytes(_ bytes: Int64) -> Int64 { bytes >> 20 }
}
