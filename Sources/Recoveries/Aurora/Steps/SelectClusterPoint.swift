import AWSClient
import Platform
import RunEngine
import RunJournal

/// Finds what an Aurora cluster is restored from: a moment of its continuous backups, its newest
/// snapshot, or the one that the plan names. Data from after the loss is never taken.
struct SelectClusterPoint: ObservingStep {
  typealias Output = ClusterRecoveryPoint

  static let kind = "aurora.select-point"
  static let phase = StepPhase.prepare
  /// More pages than this are not an account's snapshots but a mistake.
  private static let maximumPages = 100

  let aws: AWSAccess
  let cluster: String
  let source: AuroraRecoverySource
  /// The moment asked for on the command line.
  let asked: Timestamp?
  let mustBeEncrypted: Bool

  var summary: String { "find what cluster \(cluster) can be restored from" }
  private static let newestByHand =
    "sort_by(DBClusterSnapshots[?Status=='available'], &SnapshotCreateTime)[-1]"
  var calls: [PlannedCall] {
    switch source {
    case .pointInTime:
      [
        aws.plan(DescribeDBClusters(identifier: cluster)).finding(
          .init("engine", at: "DBClusters[0].Engine"))
      ]
    case .latestSnapshot:
      [
        aws.plan(DescribeDBClusterSnapshots(cluster: cluster)).finding(
          .init("snapshot", at: "\(Self.newestByHand).DBClusterSnapshotIdentifier"),
          .init("engine", at: "\(Self.newestByHand).Engine"))
      ]
    case .snapshot(let name):
      [
        aws.plan(DescribeDBClusterSnapshots(snapshot: name)).finding(
          .init("engine", at: "DBClusterSnapshots[0].Engine"))
      ]
    }
  }

  func observe(_ context: StepContext) async throws -> Observation<ClusterRecoveryPoint> {
    let point =
      switch source {
      case .pointInTime: try await moment(context)
      case .latestSnapshot: try await snapshot(nil, context)
      case .snapshot(let name): try await snapshot(name, context)
      }
    if mustBeEncrypted, !point.isEncrypted {
      throw RDSProblems.notEncrypted(point.name, region: aws.region)
    }
    return .ready(point)
  }

  private func moment(_ context: StepContext) async throws -> ClusterRecoveryPoint {
    guard let found = try await aws.cluster(cluster, context),
      let latest = found.latestRestorableTime
    else {
      throw nothing(
        "the region has no cluster of that name with continuous backups",
        fix: "Aurora's continuous backups do not leave their region: recover in it, or from a "
          + "snapshot that was copied.")
    }
    let bound = RecoveryBound(asked: asked, incident: context.incident)
    guard asked.map({ $0 <= latest }) ?? true,
      let moment = Timestamp.restorable(
        from: found.earliestRestorableTime, to: latest, notAfter: bound.at)
    else {
      throw nothing(
        "backups reach from \(found.earliestRestorableTime?.description ?? "an unknown time") to "
          + "\(latest), and \(bound.words) lies outside",
        fix: asked == nil ? bound.remedy : "Give a --point-in-time inside that window.")
    }
    context.note(
      Moment(
        .recoveryPoint, of: context.component, at: moment, evidence: .serviceField,
        source: moment == bound.at.wholeSecond
          ? SelectPointInTime.restoredTo
          : "the last whole second before LatestRestorableTime of \(cluster)"))
    return ClusterRecoveryPoint(
      source: .pointInTime(cluster: cluster, moment: moment), engine: found.engine,
      engineVersion: found.engineVersion, isEncrypted: found.isEncrypted,
      name: "point in time \(moment)")
  }

  /// The call of a later look, which is not made in every run.
  var look: [PlannedCall] {
    [aws.plan(DescribeDBClusters(identifier: cluster), isOptional: true)]
  }

  /// The point as it stands right before a restore. While people approve, the backups of a cluster that
  /// still runs come nearer to the incident; they are never taken past it.
  func renewed(
    _ point: ClusterRecoveryPoint.Source, _ context: StepContext
  ) async throws -> ClusterRecoveryPoint.Source {
    guard asked == nil, case .pointInTime(let cluster, let moment) = point,
      moment != context.incident.wholeSecond, let found = try await aws.cluster(cluster, context),
      let latest = found.latestRestorableTime,
      let later = Timestamp.restorable(
        from: found.earliestRestorableTime, to: latest, notAfter: context.incident),
      later > moment ?? .distantPast
    else { return point }
    return .pointInTime(cluster: cluster, moment: later)
  }

  private func snapshot(
    _ name: String?, _ context: StepContext
  ) async throws -> ClusterRecoveryPoint {
    let all = try await snapshots(name, context)
    let usable = all.filter { $0.status == "available" && $0.createTime != nil }
    let bound = RecoveryBound(asked: asked, incident: context.incident)
    guard let newest = Self.newest(of: usable, notAfter: bound.at, isNamed: name != nil),
      let made = newest.createTime
    else {
      if !usable.isEmpty { throw tooLate(usable, bound) }
      let states = Set(all.map(\.status)).sorted().joined(separator: ", ")
      throw nothing(
        all.isEmpty ? "the region has no snapshot" : "none is available (status: \(states))",
        fix: "Check the name and the plan's regions; a snapshot reaches another region only by a "
          + "copy (CopyDBClusterSnapshot).")
    }
    noteData(of: newest, made: made, context)
    return ClusterRecoveryPoint(
      source: .snapshot(identifier: newest.identifier), engine: newest.engine,
      engineVersion: newest.engineVersion, isEncrypted: newest.isEncrypted,
      name: "\(newest.type) cluster snapshot \(newest.identifier)")
  }

  /// The newest that is surely not from after `bound`. No snapshot holds data from after it was made; a
  /// copy made later may hold older data, which RDS does not say: only whoever names it can know.
  static func newest(
    of snapshots: [DBClusterSnapshot], notAfter bound: Timestamp, isNamed: Bool
  ) -> DBClusterSnapshot? {
    snapshots.filter {
      ($0.createTime ?? .distantPast) <= bound || isNamed && $0.copyOf != nil
    }.max { ($0.createTime ?? .distantPast) < ($1.createTime ?? .distantPast) }
  }

  private func tooLate(_ snapshots: [DBClusterSnapshot], _ bound: RecoveryBound) -> Problem {
    let copies = snapshots.filter { $0.copyOf != nil }.map(\.identifier).sorted()
    return nothing(
      "each snapshot was made after \(bound.words)",
      fix: bound.remedy
        + (copies.isEmpty
          ? ""
          : " How old the data of a copy is, RDS does not say: if it is old enough, name the copy in "
            + "the plan (\(copies.joined(separator: ", ")))."))
  }

  /// A copy's own time would make its data look younger than it is: then only the data tells.
  private func noteData(
    of snapshot: DBClusterSnapshot, made: Timestamp, _ context: StepContext
  ) {
    if let original = snapshot.copyOf {
      context.note(
        Finding(
          .warning,
          "\(snapshot.identifier) is a copy of \(original), and RDS does not say how old its data "
            + "is: only a heartbeat measures its RPO."))
      return
    }
    context.note(
      Moment(
        .recoveryPoint, of: context.component, at: made, evidence: .inferred,
        source: "SnapshotCreateTime of \(snapshot.identifier)"))
  }

  private func snapshots(
    _ name: String?, _ context: StepContext
  ) async throws -> [DBClusterSnapshot] {
    do {
      if let name {
        return try await aws.send(DescribeDBClusterSnapshots(snapshot: name), context).snapshots
      }
      return try await collectPages(atMost: Self.maximumPages) { marker in
        let page = try await aws.send(
          DescribeDBClusterSnapshots(cluster: cluster, marker: marker), context)
        return (page.snapshots, page.marker)
      }
    } catch let error as AWSError where error.code == "DBClusterSnapshotNotFoundFault" {
      return []
    }
  }

  private func nothing(_ reason: String, fix: String) -> Problem {
    Problem(
      "there is nothing to restore from", on: "cluster \(cluster) in \(aws.region)",
      because: reason, fix: fix)
  }
}
