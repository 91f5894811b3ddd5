import AWSClient
import Platform
import RunEngine
import RunJournal

/// Finds the newest recovery point that AWS Backup holds of the instance in the recovery region. Data
/// from after the loss is never taken.
struct SelectBackupPoint: ObservingStep {
  typealias Output = RDSRecoveryPoint

  static let kind = "rds.select-backup-point"
  static let phase = StepPhase.prepare
  /// More pages than this are not an instance's recovery points but a mistake.
  private static let maximumPages = 100

  let aws: AWSAccess
  let instance: String
  let primaryRegion: String
  let vault: String?
  /// The moment asked for on the command line.
  let asked: Timestamp?
  let mustBeEncrypted: Bool

  var summary: String { "find AWS Backup's newest recovery point of \(instance)" }
  var calls: [PlannedCall] {
    let ofVault = vault.map { " && BackupVaultName=='\($0)'" } ?? ""
    let newest =
      "sort_by(RecoveryPoints[?(Status=='COMPLETED' || Status=='AVAILABLE')\(ofVault)], &CreationDate)[-1]"
    return [
      aws.plan(GetCallerIdentity()).finding(.init("account", at: "Account")),
      aws.plan(ListRecoveryPointsByResource(resource: resource(of: "<account>"))).finding(
        .init("recovery point", at: "\(newest).RecoveryPointArn"),
        .init("vault", at: "\(newest).BackupVaultName")),
      aws.plan(DescribeDBSnapshots(snapshot: "<recovery point>")),
    ]
  }

  func observe(_ context: StepContext) async throws -> Observation<RDSRecoveryPoint> {
    let account = try await aws.send(GetCallerIdentity(), context).account
    let all = try await points(of: resource(of: account), context)
    let usable = all.filter {
      ["COMPLETED", "AVAILABLE"].contains($0.status) && $0.createdAt != nil
    }
    if usable.isEmpty { throw nothing(all) }
    let bound = RecoveryBound(asked: asked, incident: context.incident)
    guard let (newest, snapshot) = try await newest(of: usable, notAfter: bound.at, context) else {
      throw Problem(
        "there is nothing to restore from", on: place,
        because: "the data of each is from after \(bound.words)", fix: bound.remedy)
    }
    if mustBeEncrypted, snapshot.map({ !$0.isEncrypted }) ?? false {
      throw RDSProblems.notEncrypted("recovery point \(newest.arn)", region: aws.region)
    }
    note(newest, snapshot, context)
    return .ready(
      RDSRecoveryPoint(
        source: .snapshot(identifier: newest.arn),
        at: snapshot.flatMap(SelectSnapshot.point)?.at, engine: snapshot?.engine ?? "postgres",
        engineVersion: snapshot?.engineVersion ?? "", isEncrypted: snapshot?.isEncrypted ?? false,
        kmsKeyID: snapshot?.kmsKeyID, vault: newest.vault,
        name: "AWS Backup's recovery point \(newest.arn)"))
  }

  /// The newest by its own time whose data is not after `bound`. Where nothing tells how old the data is,
  /// it is no younger than the recovery point.
  private func newest(
    of points: [BackupRecoveryPoint], notAfter bound: Timestamp, _ context: StepContext
  ) async throws -> (BackupRecoveryPoint, DBSnapshot?)? {
    let newestFirst = points.sorted {
      ($0.createdAt ?? .distantPast) > ($1.createdAt ?? .distantPast)
    }
    for point in newestFirst {
      let snapshot = try await aws.snapshot(point.arn, context)
      let data = snapshot.flatMap(SelectSnapshot.point)?.at ?? point.createdAt ?? bound
      if data <= bound { return (point, snapshot) }
    }
    return nil
  }

  /// The ARN of the instance in an account.
  private func resource(of account: String) -> String {
    let partition = AWSResource.regional("rds", "db").pattern(in: primaryRegion)
      .split(separator: ":")[1]
    return "arn:\(partition):rds:\(primaryRegion):\(account):db:\(instance.lowercased())"
  }

  /// The snapshot under a recovery point knows how old its data is; the time of a copy does not tell.
  private func note(
    _ point: BackupRecoveryPoint, _ snapshot: DBSnapshot?, _ context: StepContext
  ) {
    if let known = snapshot.flatMap(SelectSnapshot.point) {
      context.note(
        Moment(
          .recoveryPoint, of: context.component, at: known.at, evidence: known.evidence,
          source: "\(known.field) of recovery point \(point.arn)"))
      return
    }
    context.note(
      Finding(
        .warning, "How old the data of recovery point \(point.arn) is cannot be told beforehand."))
  }

  private func points(
    of resource: String, _ context: StepContext
  ) async throws -> [BackupRecoveryPoint] {
    let found = try await collectPages(atMost: Self.maximumPages) { token in
      let page = try await aws.send(
        ListRecoveryPointsByResource(resource: resource, from: token), context)
      return (page.points, page.token)
    }
    return found.filter { vault == nil || $0.vault == vault }
  }

  private var place: String {
    "recovery points of \(instance) in \(aws.region)\(vault.map { ", vault \($0)" } ?? "")"
  }

  private func nothing(_ points: [BackupRecoveryPoint]) -> Problem {
    let states = Set(points.map(\.status)).sorted().joined(separator: ", ")
    return Problem(
      "there is nothing to restore from",
      on: place,
      because: points.isEmpty
        ? "AWS Backup holds none there" : "none is complete (status: \(states))",
      fix: "Check the instance, the vault and the plan's regions; a recovery point reaches another "
        + "region only by a copy action of its backup plan.")
  }
}
