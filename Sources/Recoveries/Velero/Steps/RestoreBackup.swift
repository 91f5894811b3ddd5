import KubernetesClient
import Platform
import RunEngine
import RunJournal
import StrictJSON

/// Asks Velero for a restore and follows it to its end. A restore that has ended badly never goes on:
/// another one is asked for under the next name, and the first stays as evidence until the cleanup.
struct RestoreBackup: ObjectMaking, RemovableStep {
  static let kind = "velero.restore"
  static let phase = StepPhase.recover
  /// How long a look waits for a change, before the restore is read all the same.
  static let longestLook: Duration = .seconds(10)

  struct Output: Codable, Sendable, Equatable {
    let name: String
    let phase: String
    let items: Int64
    let warnings: Int64
    let errors: Int64
  }

  let access: ClusterAccess
  /// Velero's namespace.
  let namespace: String
  let name: String
  let manifest: RestoreManifest
  let acceptsPartial: Bool
  /// How often another restore is asked for when Velero's server was restarted in the middle of one.
  let restarts: Int
  let backupStep: String
  private let progress: RestoreProgress

  init(
    access: ClusterAccess, namespace: String, name: String, manifest: RestoreManifest,
    acceptsPartial: Bool, restarts: Int, backupStep: String
  ) {
    self.access = access
    self.namespace = namespace
    self.name = name
    self.manifest = manifest
    self.acceptsPartial = acceptsPartial
    self.restarts = restarts
    self.backupStep = backupStep
    progress = RestoreProgress(access: access, namespace: namespace)
  }

  var resource: KubernetesResource { .restores }
  var space: String? { namespace }
  var summary: String { "restore \(manifest.component.namespaces.joined(separator: ", "))" }
  var effects: [PlannedEffect] {
    [PlannedEffect(.creates, made)]
      + manifest.namespaces.sorted { $0.key < $1.key }.map { source, target in
        PlannedEffect(
          .creates, "objects of \(source) in namespace \(target) of \(access.target.shown)")
      }
  }
  var removalSummary: String { "delete restore \(name)" }
  var made: String { shown(name) }
  var cost: String { "It costs nothing but its files in the bucket." }
  var planned: JSONValue? {
    manifest.object(name: name, backup: manifest.component.source.backup ?? SelectBackup.found)
  }
  var calls: [PlannedCall] {
    [
      creation.waiting(with: untilEnd),
      access.plan(.get, .restores, in: namespace, name),
      access.plan(.list, .restores, in: namespace),
      access.plan(.watch, .restores, in: namespace, name),
      access.plan(.list, .dataDownloads, in: namespace),
      access.plan(.list, .podVolumeRestores, in: namespace),
    ] + VeleroDownload(access: access, namespace: namespace).calls("restore", name)
      + VeleroDownload(access: access, namespace: namespace).calls(
        "backup", manifest.component.source.backup ?? SelectBackup.found)
  }

  /// The command by which a person waits for the end; it fails when that is not a good one.
  private var untilEnd: [String] {
    let look = access.plan(
      .get, .restores, in: namespace, name, words: ["-o", "jsonpath={.status.phase}"]
    ).command.map(ShellText.word).joined(separator: " ")
    let ends = "^(Completed|PartiallyFailed|Failed|FailedValidation)$"
    return [
      "bash", "-c",
      "until phase=$(\(look)); [[ $phase =~ \(ends) ]]; do sleep 5; done; echo \"$phase\"; "
        + "[ \"$phase\" = Completed ]",
    ]
  }

  private func shown(_ name: String) -> String {
    "restore \(namespace)/\(name) in \(access.target.shown)"
  }

  func object(_ context: StepContext) throws -> JSONValue {
    let spent = context.spentEffects
    let backup = try context.output(of: backupStep, as: BackupRecord.self)
    let object = manifest.object(
      name: spent == 0 ? name : "\(name)-r\(spent + 1)", backup: backup.name)
    return ObjectOwnership.marked(
      object, with: ["annotations": ["dr.mosaic.life/backup-uid": .string(backup.uid)]])
  }

  func observe(
    _ intent: ObjectRequest, _ identity: ObjectIdentity, _ context: StepContext
  ) async throws -> Observation<Output> {
    let what = shown(identity.name)
    guard
      let restore = try await progress.next(identity.name, within: Self.longestLook, context)
    else {
      throw RestoreProblems.gone(what, because: "somebody deleted it before it ended")
    }
    guard restore.objectUID == identity.uid else {
      throw RestoreProblems.gone(
        what, because: "it is \(restore.objectUID), and this run made \(identity.uid)")
    }
    switch RestorePhase(restore) {
    case .completed, .partiallyFailed: return .ready(try await judge(restore, what, context))
    case .failed:
      throw SpentEffect(
        RestoreProblems.failed(restore, what, context),
        allowance: RestoreProblems.wasRestarted(restore) ? restarts : 0)
    case .failedValidation: throw SpentEffect(RestoreProblems.invalid(restore, what))
    case .unknown(let phase):
      context.note(
        Finding(
          .note,
          "Velero gave the restore the phase '\(phase)', which this version does not know; it was "
            + "waited out."))
      return .waiting(try await progress.shown(restore, context))
    default: return .waiting(try await progress.shown(restore, context))
    }
  }

  private func judge(
    _ restore: JSONValue, _ what: String, _ context: StepContext
  ) async throws -> Output {
    let end = RestoreEnd(
      restore: restore, backup: try context.output(of: backupStep, as: BackupRecord.self),
      manifest: manifest, download: VeleroDownload(access: access, namespace: namespace),
      acceptsPartial: acceptsPartial, what: what)
    do { return try await end.judge(context) } catch let problem as Problem {
      throw SpentEffect(problem)
    }
  }
}
