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
  var calls: [PlannedCall] {
    [
      access.plan(.create, .restores, in: namespace, name),
      access.plan(.get, .restores, in: namespace, name),
      access.plan(.list, .restores, in: namespace),
      access.plan(.watch, .restores, in: namespace, name),
      access.plan(.list, .dataDownloads, in: namespace),
      access.plan(.list, .podVolumeRestores, in: namespace),
    ] + VeleroDownload(access: access, namespace: namespace).calls
  }

  private func shown(_ name: String) -> String {
    "restore \(namespace)/\(name) in \(access.target.shown)"
  }

  func object(_ context: StepContext) throws -> JSONValue {
    let spent = context.spentEffects
    return manifest.object(
      name: spent == 0 ? name : "\(name)-r\(spent + 1)",
      backup: try context.output(of: backupStep, as: BackupRecord.self))
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
