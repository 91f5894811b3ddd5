import AWSClient
import Platform
import RunEngine
import RunJournal

/// Finds the snapshot to restore or to copy: the one the plan names, else the one whose data is
/// newest among those that it describes. Data from after the loss is never taken.
struct SelectSnapshot: ObservingStep {
  typealias Output = RDSRecoveryPoint

  static let kind = "rds.select-snapshot"
  static let phase = StepPhase.prepare
  /// More pages than this are not an account's snapshots but a mistake.
  static let maximumPages = 100

  enum Wanted: Sendable, Equatable {
    case named(String)
    case newest(SnapshotCriteria)
  }

  let aws: AWSAccess
  let instance: String
  let wanted: Wanted
  /// The moment asked for on the command line.
  let asked: Timestamp?
  let mustBeEncrypted: Bool
  /// Whether it is named by its ARN, since it is copied to another region.
  let isForCopy: Bool

  var summary: String {
    switch wanted {
    case .named(let name): "check snapshot \(name)"
    case .newest(let criteria): "find the newest \(criteria.words) of \(instance)"
    }
  }
  /// By the time of the data: a copy's own time would make it look younger than it is.
  private static func newestByHand(_ criteria: SnapshotCriteria) -> String {
    let known = "(SnapshotDatabaseTime || OriginalSnapshotCreateTime)"
    return "sort_by(DBSnapshots[?Status=='available' && \(known)\(criteria.query)], "
      + "&not_null(SnapshotDatabaseTime, OriginalSnapshotCreateTime))[-1]"
  }
  var calls: [PlannedCall] {
    switch wanted {
    case .named(let name):
      [
        aws.plan(DescribeDBSnapshots(snapshot: name)).finding(
          .init("ARN of the snapshot", at: "DBSnapshots[0].DBSnapshotArn"))
      ]
    case .newest(let criteria):
      [
        aws.plan(DescribeDBSnapshots(instance: instance)).finding(
          .init("snapshot", at: "\(Self.newestByHand(criteria)).DBSnapshotIdentifier"),
          .init("ARN of the snapshot", at: "\(Self.newestByHand(criteria)).DBSnapshotArn"))
      ]
    }
  }

  func observe(_ context: StepContext) async throws -> Observation<RDSRecoveryPoint> {
    let candidates = try await candidates(context)
    let bound = RecoveryBound(asked: asked, incident: context.incident)
    guard let snapshot = Self.newest(of: candidates, notAfter: bound.at),
      let point = Self.point(of: snapshot)
    else { throw nothingUsable(candidates, bound) }
    if mustBeEncrypted, !snapshot.isEncrypted {
      throw RDSProblems.notEncrypted("snapshot \(snapshot.identifier)", region: aws.region)
    }
    noteDoubts(about: snapshot, among: candidates, context)
    context.note(
      Moment(
        .recoveryPoint, of: context.component, at: point.at, evidence: point.evidence,
        source: "\(point.field) of snapshot \(snapshot.identifier)"))
    return .ready(
      RDSRecoveryPoint(
        source: .snapshot(
          identifier: isForCopy ? snapshot.arn ?? snapshot.identifier : snapshot.identifier),
        at: point.at, engine: snapshot.engine,
        engineVersion: snapshot.engineVersion, isEncrypted: snapshot.isEncrypted,
        kmsKeyID: snapshot.kmsKeyID, name: "\(snapshot.type) snapshot \(snapshot.identifier)"))
  }

  /// The instant a snapshot's data speaks for. A copy's own creation time says nothing of it.
  static func point(
    of snapshot: DBSnapshot
  ) -> (at: Timestamp, evidence: Moment.Evidence, field: String)? {
    if let at = snapshot.databaseTime { return (at, .serviceField, "SnapshotDatabaseTime") }
    if let at = snapshot.originalCreateTime {
      return (at, .inferred, "OriginalSnapshotCreateTime")
    }
    return nil
  }

  /// The usable snapshot whose data is newest among those not after `bound`; RDS promises no order.
  static func newest(of snapshots: [DBSnapshot], notAfter bound: Timestamp) -> DBSnapshot? {
    usable(snapshots).filter { $0.at <= bound }.max { $0.at < $1.at }?.snapshot
  }

  /// The snapshots that can be restored, each with the instant that its data speaks for.
  private static func usable(
    _ snapshots: [DBSnapshot]
  ) -> [(snapshot: DBSnapshot, at: Timestamp)] {
    snapshots.filter { $0.status == "available" }.compactMap { snapshot in
      point(of: snapshot).map { (snapshot, $0.at) }
    }
  }

  private func candidates(_ context: StepContext) async throws -> [DBSnapshot] {
    do {
      switch wanted {
      case .named(let name):
        return try await aws.send(DescribeDBSnapshots(snapshot: name), context).snapshots
      case .newest(let criteria):
        return try await all(context).filter { criteria.fit($0) }
      }
    } catch let error as AWSError where error.code == "DBSnapshotNotFound" {
      return []
    }
  }

  private func all(_ context: StepContext) async throws -> [DBSnapshot] {
    try await collectPages(atMost: Self.maximumPages) { marker in
      let page = try await aws.send(
        DescribeDBSnapshots(instance: instance, marker: marker), context)
      return (page.snapshots, page.marker)
    }
  }

  private func noteDoubts(
    about chosen: DBSnapshot, among all: [DBSnapshot], _ context: StepContext
  ) {
    let identities = Set(all.compactMap(\.instanceResourceID))
    guard identities.count > 1 else { return }
    context.note(
      Finding(
        .warning,
        "Snapshots of \(identities.count) different instances carry the name \(instance); the "
          + "newest, \(chosen.identifier), is of \(chosen.instanceResourceID ?? "an unknown one").")
    )
  }

  private func nothingUsable(_ candidates: [DBSnapshot], _ bound: RecoveryBound) -> Problem {
    let what =
      switch wanted {
      case .named(let name): "snapshot \(name)"
      case .newest(let criteria): "\(criteria.words) of \(instance)"
      }
    if let oldest = Self.usable(candidates).map(\.at).min() {
      return Problem(
        "there is nothing to restore from", on: "\(what) in \(aws.region)",
        because: "its data, of \(oldest) at the oldest, is from after \(bound.words)",
        fix: bound.remedy)
    }
    let states = Set(candidates.map(\.status)).sorted().joined(separator: ", ")
    return Problem(
      "there is nothing to restore from", on: "\(what) in \(aws.region)",
      because: candidates.isEmpty
        ? "the region has none" : "none is available (status: \(states))",
      fix:
        "Check the name and the plan's regions; a snapshot reaches another region only by a copy "
        + "(CopyDBSnapshot).")
  }
}
