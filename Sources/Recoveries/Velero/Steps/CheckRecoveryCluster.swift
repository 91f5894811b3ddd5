import KubernetesClient
import Platform
import RunEngine
import RunJournal
import StrictJSON

/// Checks before anything is made that the backup holds what is asked for, and that the cluster can take
/// it.
struct CheckRecoveryCluster: ObservingStep {
  struct Output: Codable, Sendable {
    let kubernetes: String
  }

  static let kind = "velero.check-cluster"
  static let phase = StepPhase.prepare

  let access: ClusterAccess
  let namespace: String
  let scope: ClusterScope
  let spec: VeleroComponent
  let backupStep: String

  var summary: String { "check \(access.target.shown)" }
  var calls: [PlannedCall] {
    [
      access.plan(.list, .storageClasses, in: nil), access.plan(.list, .restores, in: namespace),
    ] + (scope.belongsToRun ? [] : scope.targets.map { access.plan(.list, .claims, in: $0) })
      + VeleroDownload(access: access, namespace: namespace).calls(
        "backup", spec.source.backup ?? SelectBackup.found, isOptional: true)
  }

  func observe(_ context: StepContext) async throws -> Observation<Output> {
    let backup = try context.output(of: backupStep, as: BackupRecord.self)
    let version = try await access.version(context)
    if let source = backup.kubernetes.flatMap(Self.minor), let own = Self.minor(version),
      own < source
    {
      context.note(
        Finding(
          .warning,
          "The cluster is \(version), older than the one the backup is of (\(backup.kubernetes ?? "")):"
            + " kinds of objects may be unknown to it."))
    }
    try await checkContents(backup, context)
    try await checkStorageClasses(context)
    let others = try await access.list(.restores, in: namespace, context).filter {
      [.inProgress, .new].contains(RestorePhase($0))
        && $0.annotations[ObjectOwnership.run] != context.run.description
    }
    if let first = others.first {
      context.note(
        Finding(
          .warning,
          "Velero works on one restore at a time, and \(others.count) other(s) are before this one: "
            + first.objectName))
    }
    if !scope.belongsToRun { try await noteClaims(context) }
    return .ready(Output(kubernetes: version))
  }

  /// Velero restores nothing from a namespace that the backup does not hold, and calls that `Completed`.
  private func checkContents(_ backup: BackupRecord, _ context: StepContext) async throws {
    let download = VeleroDownload(access: access, namespace: namespace)
    guard
      let list = await download.noted(
        "BackupResourceList", of: backup.name, in: backup.storageLocation, context)
    else { return }
    let missing = Set(spec.namespaces).subtracting(Self.namespaces(in: list)).sorted()
    guard missing.isEmpty else {
      throw Problem(
        "the backup does not hold what is to be brought back",
        on: "\(backup.name): \(missing.joined(separator: ", "))",
        because: "it has no object of the namespace",
        fix: "Correct 'namespaces', or what the schedule backs up.")
    }
    guard spec.restoresVolumes != false,
      let volumes = await download.noted(
        "BackupVolumeInfos", of: backup.name, in: backup.storageLocation, context)
    else { return }
    let empty = BackupVolumes(volumes).withoutData(in: Set(spec.namespaces))
    guard !empty.isEmpty else { return }
    context.note(
      Finding(
        .exception,
        "Backup \(backup.name) holds no data of \(empty.count) claim(s), which come back empty or not at "
          + "all: \(RestoreResults.short(empty))"))
  }

  /// The namespaces of which a backup holds something.
  private static func namespaces(in list: JSONValue) -> Set<String> {
    let names = (list.objectValue?.members ?? []).flatMap { kind, names in
      (names.arrayValue ?? []).compactMap(\.stringValue).compactMap { name in
        name.contains("/") ? name.prefix { $0 != "/" } : kind == "v1/Namespace" ? name[...] : nil
      }
    }
    return Set(names.map(String.init))
  }

  private func checkStorageClasses(_ context: StepContext) async throws {
    guard !spec.storageClasses.isEmpty else { return }
    let there = try await access.list(.storageClasses, in: nil, context).map(\.objectName)
    let missing = Set(spec.storageClasses.values).subtracting(there).sorted()
    guard let first = missing.first else { return }
    throw Problem(
      "the cluster lacks a StorageClass that the plan maps to", on: first,
      because: "\(access.target.shown) has \(there.sorted().joined(separator: ", "))",
      fix: "Make it, or correct 'storageClasses' in the plan.")
  }

  /// A claim that is there already keeps its data, whatever the backup holds.
  private func noteClaims(_ context: StepContext) async throws {
    for target in scope.targets {
      let claims = try await access.list(.claims, in: target, context)
      guard let first = claims.first else { continue }
      context.note(
        Finding(
          .warning,
          "Namespace \(target) has \(claims.count) claims already (\(first.objectName)): Velero leaves "
            + "them as they are, and their data is not the backup's."))
    }
  }

  /// The minor version of `v1.33.1-eks-1`.
  static func minor(_ version: String) -> Int? {
    let parts = version.drop { $0 == "v" }.split(separator: ".")
    guard parts.count >= 2, parts[0] == "1" else { return nil }
    return Int(parts[1].prefix { $0.isNumber })
  }
}
