import KubernetesClient
import StrictJSON

/// What a restore did with the data of volumes (`NAME-volumeinfo.json.gz`; Velero,
/// `internal/volume/volumes_information.go`, `RestoreVolumeInfo`).
struct RestoredVolumes {
  struct Volume {
    /// The claim, with its namespace in the cluster.
    let claim: String
    /// `CSISnapshot`, `NativeSnapshot`, `PodVolumeRestore`; and whether a data mover brought it.
    let method: String

    var json: JSONValue { ["claim": .string(claim), "method": .string(method)] }
  }

  let restored: [Volume]

  init(_ list: JSONValue) {
    restored = (list.arrayValue ?? []).compactMap { info in
      guard let claim = info.claim else { return nil }
      let mover = info["snapshotDataMoved"] == true ? " with a data mover" : ""
      return Volume(claim: claim, method: (info["restoreMethod"]?.stringValue ?? "?") + mover)
    }
  }

  /// How many came back, and how.
  var summary: String {
    let counts = Dictionary(grouping: restored, by: \.method).mapValues(\.count)
    let parts = counts.sorted { $0.key < $1.key }.map { "\($0.value) by \($0.key)" }
    return "The data of \(restored.count) volume(s) came back: \(parts.joined(separator: ", "))."
  }
}

/// What a backup holds of the data of volumes (`NAME-volumeinfo.json.gz`, `BackupVolumeInfo`).
struct BackupVolumes {
  private let infos: [JSONValue]

  init(_ list: JSONValue) { infos = list.arrayValue ?? [] }

  /// The claims in these namespaces whose data the backup does not hold, with the reasons: their volumes
  /// come back empty, or not at all.
  func withoutData(in namespaces: Set<String>) -> [String] {
    infos.compactMap { info in
      guard let claim = info.claim, !info.holdsData,
        namespaces.contains(info["pvcNamespace"]?.stringValue ?? "")
      else { return nil }
      let reason =
        info["skipped"] == true
        ? info["skippedReason"]?.nonEmptyText ?? "left out" : "its backup failed"
      return "\(claim) (\(reason))"
    }
  }

  /// The claims whose data the backup holds and of which the restore tells nothing, by their names in
  /// the cluster.
  func missing(from restored: RestoredVolumes, asked manifest: RestoreManifest) -> [String] {
    let known = Set(restored.restored.map(\.claim))
    return infos.filter(\.holdsData).compactMap(\.claim).compactMap { claim in
      manifest.target(of: claim, ListedKind("v1/PersistentVolumeClaim"))
    }.filter { !known.contains($0) }
  }
}

extension JSONValue {
  /// The claim of an element, with its namespace; nil for a volume without one.
  fileprivate var claim: String? {
    guard let name = self["pvcName"]?.nonEmptyText,
      let namespace = self["pvcNamespace"]?.nonEmptyText
    else { return nil }
    return "\(namespace)/\(name)"
  }

  /// Versions before 1.14 do not tell the result.
  fileprivate var holdsData: Bool { self["skipped"] != true && self["result"] != "failed" }
}
