import AWSClient
import Platform
import RecoveryPlan
import Testing

@testable import Recoveries

/// What is restored is never from after the incident, or from after the moment asked for.
@Suite struct RecoveryPointChoiceTests {
  private func at(_ time: String) throws -> Timestamp {
    try #require(Timestamp("2026-11-28T\(time)Z"))
  }

  private func element(
    _ name: String, _ fields: [String: String?], _ children: [XMLElement] = []
  ) -> XMLElement {
    let texts = fields.compactMap { name, text in text.map { XMLElement(name: name, text: $0) } }
    return XMLElement(name: name, children: texts + children)
  }

  private func list(_ name: String, of elements: [XMLElement]) -> XMLElement {
    XMLElement(name: "Result", children: [XMLElement(name: name, children: elements)])
  }

  // MARK: Automated backups

  private func sets(_ windows: [(String, from: String, to: String)]) throws -> BackupSets {
    let elements = windows.map { resource, from, to in
      element(
        "DBInstanceAutomatedBackup", ["DBInstanceIdentifier": "core", "DbiResourceId": resource],
        [
          element(
            "RestoreWindow",
            ["EarliestTime": "2026-11-28T\(from)Z", "LatestTime": "2026-11-28T\(to)Z"])
        ])
    }
    return BackupSets(
      backups: try DescribeDBInstanceAutomatedBackups.answer(
        from: list("DBInstanceAutomatedBackups", of: elements)))
  }

  /// The identities of the sets, in the order in which they are taken, and the moment of the first.
  private func chosen(
    _ windows: [(String, from: String, to: String)], asked: String? = nil, incident: String
  ) throws -> ([String], Timestamp?) {
    let choices = try sets(windows).choices(
      asked: try asked.map(at), incident: try at(incident))
    return (choices.map(\.backup.resourceID), choices.first?.moment)
  }

  @Test func theMomentIsTheNearestToTheBoundAndBeforeTheEndOfTheWindow() throws {
    let moment = { (from: String, to: String, bound: String) in
      Timestamp.restorable(from: try at(from), to: try at(to), notAfter: try at(bound))
    }
    #expect(try moment("08:00:00", "09:58:00", "10:00:00") == at("09:57:59"))
    #expect(try moment("08:00:00", "09:58:00.250", "10:00:00") == at("09:58:00"))
    #expect(try moment("08:00:00", "10:27:00", "10:00:00.900") == at("10:00:00"))
    #expect(try moment("08:00:00", "10:00:00", "10:00:00") == at("09:59:59"))
    #expect(try moment("10:20:00", "10:55:00", "10:00:00") == nil)
    #expect(try moment("10:20:00.500", "10:55:00", "10:20:00.700") == nil)
  }

  @Test func ofTwoInstancesOfOneNameTheOneIsTakenWhoseBackupsReachTheIncident() throws {
    let windows = [
      ("db-LOST", from: "01:00:00", to: "10:00:30"), ("db-NEW", from: "10:25:00", to: "10:55:00"),
    ]
    let (resources, moment) = try chosen(windows, incident: "10:00:00")
    #expect(resources == ["db-LOST"])
    #expect(try moment == at("10:00:00"))
    let asked = try chosen(windows, asked: "09:00:00", incident: "11:00:00")
    #expect(asked.0 == ["db-LOST"])
    #expect(try asked.1 == at("09:00:00"))
  }

  @Test func withoutAnIncidentBothComeIntoQuestionTheNewerFirst() throws {
    let windows = [
      ("db-LOST", from: "01:00:00", to: "10:00:30"), ("db-NEW", from: "10:25:00", to: "10:55:00"),
    ]
    let (resources, moment) = try chosen(windows, incident: "11:00:00")
    #expect(resources == ["db-NEW", "db-LOST"])
    #expect(try moment == at("10:54:59"))
  }

  @Test func aMomentThatIsAskedForLiesWithinAWindowOrNothingIsRestored() throws {
    let windows = [("db-A", from: "01:00:00", to: "10:00:00")]
    #expect(try chosen(windows, asked: "10:00:01", incident: "11:00:00").0 == [])
    #expect(try chosen(windows, asked: "00:59:59", incident: "11:00:00").0 == [])
    #expect(try chosen(windows, asked: "09:00:00", incident: "08:00:00").1 == at("09:00:00"))
    #expect(
      try sets(windows).windows
        == "from 2026-11-28T01:00:00.000Z to 2026-11-28T10:00:00.000Z")
  }

  // MARK: Snapshots

  private func snapshots(_ known: [(String, data: String?, original: String?)]) throws
    -> [DBSnapshot]
  {
    try DescribeDBSnapshots.answer(
      from: list(
        "DBSnapshots",
        of: known.map { name, data, original in
          element(
            "DBSnapshot",
            [
              "DBSnapshotIdentifier": name, "DBInstanceIdentifier": "core", "Status": "available",
              "SnapshotDatabaseTime": data.map { "2026-11-28T\($0)Z" },
              "OriginalSnapshotCreateTime": original.map { "2026-11-28T\($0)Z" },
              // A copy's own time is no sign of how old its data is.
              "SnapshotCreateTime": "2026-11-28T12:00:00Z",
            ])
        })
    ).snapshots
  }

  @Test func aSnapshotIsJudgedByItsData() throws {
    let all = try snapshots([
      ("night", data: "03:00:00", original: nil), ("copy", data: nil, original: "09:00:00"),
      ("after", data: "10:30:00", original: "10:31:00"), ("unknown", data: nil, original: nil),
    ])
    let newest = { (bound: String) in
      SelectSnapshot.newest(of: all, notAfter: try at(bound))?.identifier
    }
    #expect(try newest("11:00:00") == "after")
    #expect(try newest("10:29:59") == "copy")
    #expect(try newest("08:00:00") == "night")
    #expect(try newest("02:59:59") == nil)
  }

  private func clusterSnapshots(_ known: [(String, made: String, copyOf: String?)]) throws
    -> [DBClusterSnapshot]
  {
    try DescribeDBClusterSnapshots.answer(
      from: list(
        "DBClusterSnapshots",
        of: known.map { name, made, copyOf in
          element(
            "DBClusterSnapshot",
            [
              "DBClusterSnapshotIdentifier": name, "DBClusterIdentifier": "core",
              "Status": "available", "SnapshotCreateTime": "2026-11-28T\(made)Z",
              "SourceDBClusterSnapshotArn": copyOf,
            ])
        })
    ).snapshots
  }

  @Test func aCopyOfAClusterSnapshotThatWasMadeLaterIsTakenOnlyByName() throws {
    let all = try clusterSnapshots([
      ("night", made: "03:00:00", copyOf: nil), ("copy", made: "10:10:00", copyOf: "arn:of"),
      ("after", made: "10:30:00", copyOf: nil),
    ])
    let newest = { (some: [DBClusterSnapshot], bound: String, isNamed: Bool) in
      SelectClusterPoint.newest(of: some, notAfter: try at(bound), isNamed: isNamed)?.identifier
    }
    #expect(try newest(all, "11:00:00", false) == "after")
    #expect(try newest(all, "10:00:00", false) == "night")
    #expect(try newest(all, "02:00:00", false) == nil)
    #expect(try newest(all.filter { $0.identifier == "copy" }, "10:00:00", true) == "copy")
    #expect(try newest(all.filter { $0.identifier == "after" }, "10:00:00", true) == nil)
  }

  // MARK: Ways back without a moment

  @Test(arguments: [
    ("pointInTime", nil), ("latestSnapshot", nil), ("{snapshot: nightly}", nil),
    ("{replica: standby}", "core-db is a replica that is promoted"),
    ("failover", "the standby of core-db takes over"),
  ])
  func aPromotionAndAFailoverKnowNoMoment(source: String, words: String?) throws {
    let (plan, diagnostics) = readPlan(
      """
      name: core-db
      rds:
        instance: core
        recoverFrom: \(source)
        target: {class: db.r6g.large, subnetGroup: dr, securityGroups: [sg-0d4d4d4d4d4d4d4d4]}
        access: {database: core, user: dr, password: {env: PASSWORD}}
      """)
    let problem = MomentRefusal.problem(
      of: try #require(plan, "\(diagnostics.map(\.rendered))"))
    #expect(problem?.reason.hasPrefix(words ?? "-") == words.map { _ in true })
  }
}
