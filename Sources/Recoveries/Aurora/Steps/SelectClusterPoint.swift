import AWSClient
import Platform
import RunEngine
import RunJournal

/// Finds what an Aurora cluster is restored from: a moment of its continuous backups, its newest
/// snapshot, or the one that the plan names.
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
    let chosen = try chosen(upTo: latest, from: found.earliestRestorableTime, context)
    context.note(
      Moment(
        .recoveryPoint, of: context.component, at: chosen ?? latest, evidence: .serviceField,
        source: chosen == nil ? "LatestRestorableTime of \(cluster)" : "the moment restored to"))
    return ClusterRecoveryPoint(
      source: .pointInTime(cluster: cluster, moment: chosen), engine: found.engine,
      engineVersion: found.engineVersion, isEncrypted: found.isEncrypted,
      name: chosen.map { "point in time \($0)" } ?? "latest restorable time \(latest)")
  }

  /// Nil stands for the latest restorable time; a moment after the loss is never taken.
  private func chosen(
    upTo latest: Timestamp, from earliest: Timestamp?, _ context: StepContext
  ) throws -> Timestamp? {
    guard let asked else {
      return latest > context.incident ? context.incident.wholeSecond : nil
    }
    guard asked <= latest, asked >= earliest ?? .distantPast else {
      throw nothing(
        "backups reach from \(earliest?.description ?? "an unknown time") to \(latest), and "
          + "\(asked) lies outside", fix: "Give a --point-in-time inside that window.")
    }
    return asked.wholeSecond
  }

  private func snapshot(
    _ name: String?, _ context: StepContext
  ) async throws -> ClusterRecoveryPoint {
    let all = try await snapshots(name, context)
    let usable = all.filter { $0.status == "available" && $0.createTime != nil }
    guard
      let newest = usable.max(by: {
        ($0.createTime ?? .distantPast) < ($1.createTime ?? .distantPast)
      }), let made = newest.createTime
    else {
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
