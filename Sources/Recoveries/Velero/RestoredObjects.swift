import KubernetesClient
import StrictJSON

/// A kind of object as Velero's lists name it: `apps/v1/Deployment`, `v1/Pod`.
struct ListedKind: Hashable {
  /// The API group; empty for the core.
  let group: String
  let kind: String

  init(_ text: String) {
    let parts = text.split(separator: "/").map(String.init)
    group = parts.count > 2 ? parts[0] : ""
    kind = parts.last ?? ""
  }

  /// The plural name, by the rule that Kubernetes itself guesses by (apimachinery,
  /// `meta.UnsafeGuessKindToResource`).
  var plural: String {
    let word = kind.lowercased()
    if word == "endpoints" { return word }
    if word.hasSuffix("s") { return word + "es" }
    return word.hasSuffix("y") ? word.dropLast() + "ies" : word + "s"
  }

  /// Whether a filter of a restore means it: `*`, `deployments`, `deployments.apps`.
  func isMeant(by pattern: String) -> Bool {
    ["*", plural, group.isEmpty ? plural : "\(plural).\(group)"].contains(pattern)
  }
}

/// What became of each object of a restore (`restore-NAME-resource-list.json.gz`).
struct RestoredObjects {
  private struct Entry: Hashable {
    let kind: ListedKind
    /// With its namespace in the cluster.
    let name: String
  }

  private let outcomes: [(entry: Entry, outcome: String)]

  /// The list: from kinds to names with what was done, `mosaic/api(created)`.
  init(_ list: JSONValue) {
    outcomes = (list.objectValue?.members ?? []).flatMap { kind, names in
      (names.arrayValue ?? []).compactMap(\.stringValue).compactMap { text in
        guard let end = text.lastIndex(of: "("), text.hasSuffix(")") else { return nil }
        let outcome = text[text.index(after: end)...].dropLast()
        return (Entry(kind: ListedKind(kind), name: String(text[..<end])), String(outcome))
      }
    }
  }

  /// The names of what came to that outcome: `created`, `updated`, `failed`, `skipped`.
  func named(_ outcome: String, kind: String? = nil) -> [String] {
    outcomes.filter { $0.outcome == outcome && (kind == nil || $0.entry.kind.kind == kind) }
      .map { kind == nil ? "\($0.entry.kind.kind) \($0.entry.name)" : $0.entry.name }
  }

  /// Kinds of which no restore has to tell: those that Velero never restores, pods and jobs (what has
  /// ended is left out), volumes (made anew), and what its volume plugins make their own use of.
  private static let uncounted: Set<String> = [
    "Pod", "Job", "Event", "Node", "Namespace", "PersistentVolume", "CSINode", "VolumeAttachment",
  ]
  private static let uncountedGroups: Set<String> = ["velero.io", "snapshot.storage.k8s.io"]

  /// The objects of a backup (`NAME-resource-list.json.gz`) that the restore was asked for, and that it
  /// tells nothing of. By their labels the backup's list cannot tell objects apart.
  func missing(from backup: JSONValue, asked manifest: RestoreManifest) -> [String] {
    guard manifest.component.filter.labels.isEmpty else { return [] }
    let known = Set(outcomes.map(\.entry))
    return (backup.objectValue?.members ?? []).flatMap { text, names -> [String] in
      let kind = ListedKind(text)
      guard !Self.uncounted.contains(kind.kind), !Self.uncountedGroups.contains(kind.group)
      else { return [] }
      return (names.arrayValue ?? []).compactMap(\.stringValue).filter { name in
        guard let target = manifest.target(of: name, kind) else { return false }
        return !known.contains(Entry(kind: kind, name: target))
      }.map { "\(kind.kind) \($0)" }
    }
  }
}
