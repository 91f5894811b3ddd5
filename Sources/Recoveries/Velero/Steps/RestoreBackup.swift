import Cryptography
import KubernetesClient
import Platform
import RunEngine
import RunJournal
import StrictJSON

/// Asks Velero for a restore and follows it to its end.
struct RestoreBackup: RemovableStep {
  typealias Identity = ObjectIdentity

  static let kind = "velero.restore"
  static let phase = StepPhase.recover
  /// How long a look waits for a change, before the restore is read all the same.
  static let longestLook: Duration = .seconds(10)

  struct Intent: Codable, Sendable {
    let name: String
    let spec: JSONValue
    let backup: BackupRecord
    let step: String
    let requestDigest: String
  }

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
  let backupStep: String
  private let progress: RestoreProgress

  init(
    access: ClusterAccess, namespace: String, name: String, manifest: RestoreManifest,
    acceptsPartial: Bool, backupStep: String
  ) {
    self.access = access
    self.namespace = namespace
    self.name = name
    self.manifest = manifest
    self.acceptsPartial = acceptsPartial
    self.backupStep = backupStep
    progress = RestoreProgress(access: access, namespace: namespace, name: name)
  }

  var summary: String { "restore \(manifest.component.namespaces.joined(separator: ", "))" }
  var effects: [PlannedEffect] {
    [PlannedEffect(.creates, made)]
      + manifest.namespaces.sorted { $0.key < $1.key }.map { source, target in
        PlannedEffect(
          .creates, "objects of \(source) in namespace \(target) of \(access.target.shown)")
      }
  }
  var removalSummary: String { "delete restore \(name)" }
  var made: String { "restore \(namespace)/\(name) in \(access.target.shown)" }
  var cost: String { "It costs nothing but its files in the bucket." }
  var appearsWithin: Duration { .seconds(10) }
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
  var removalCalls: [PlannedCall] {
    [
      access.plan(.get, .restores, in: namespace, name),
      access.plan(.delete, .restores, in: namespace, name),
    ]
  }

  func prepare(_ context: StepContext) async throws -> Intent? {
    let backup = try context.output(of: backupStep, as: BackupRecord.self)
    let spec = JSONValue.object(manifest.spec(backup: backup.name))
    return Intent(
      name: name, spec: spec, backup: backup, step: context.step,
      requestDigest: SHA256.digest(of: try spec.canonicalBytes()).hex)
  }

  /// Velero changes the spec by itself: only the marks tell whose the restore is.
  func find(_ intent: Intent, _ context: StepContext) async throws -> Existing<ObjectIdentity> {
    ObjectOwnership.judge(
      try await access.find(.restores, intent.name, in: namespace, context), run: context.run,
      step: intent.step, requestDigest: intent.requestDigest, what: made)
  }

  func apply(_ intent: Intent, _ context: StepContext) async throws -> ObjectIdentity {
    var marks = ObjectOwnership.annotations(context, requestDigest: intent.requestDigest)
    marks["dr.mosaic.life/backup-uid"] = .string(intent.backup.uid)
    let object = try await access.send(
      .create(
        .restores,
        [
          "apiVersion": "velero.io/v1", "kind": "Restore",
          "metadata": [
            "name": .string(intent.name), "labels": .object(ObjectOwnership.labels(context)),
            "annotations": .object(marks),
          ],
          "spec": intent.spec,
        ], in: namespace), context)
    return ObjectIdentity(name: object.objectName, uid: object.objectUID)
  }

  func observe(
    _ intent: Intent, _ identity: ObjectIdentity, _ context: StepContext
  ) async throws -> Observation<Output> {
    guard let restore = try await progress.next(within: Self.longestLook, context) else {
      throw RestoreProblems.gone(made, because: "somebody deleted it before it ended")
    }
    guard restore.objectUID == identity.uid else {
      throw RestoreProblems.gone(
        made, because: "it is \(restore.objectUID), and this run made \(identity.uid)")
    }
    switch RestorePhase(restore) {
    case .completed, .partiallyFailed:
      return .ready(
        try await RestoreEnd(
          restore: restore, backup: intent.backup,
          download: VeleroDownload(access: access, namespace: namespace),
          acceptsPartial: acceptsPartial, what: made
        ).judge(context))
    case .failed: throw RestoreProblems.failed(restore, made, run: context.run)
    case .failedValidation: throw RestoreProblems.invalid(restore, made)
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

  /// Velero needs the storage location to let go of a restore.
  func remove(
    _ identity: ObjectIdentity, _ context: StepContext
  ) async throws -> Observation<Removed> {
    try await access.remove(.restores, identity, in: namespace, what: made, context)
  }
}
