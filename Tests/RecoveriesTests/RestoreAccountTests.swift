import StrictJSON
import Testing

@testable import Recoveries

/// What came back, held against what the backup holds, by the files that Velero writes.
@Suite struct RestoreAccountTests {
  private static let backup: JSONValue = [
    "apps/v1/Deployment": ["mosaic/api", "mosaic/worker", "other/api"],
    "networking.k8s.io/v1/NetworkPolicy": ["mosaic/allow"],
    "rbac.authorization.k8s.io/v1/ClusterRole": ["reader"],
    "v1/ConfigMap": ["db/settings", "mosaic/settings"],
    "v1/Endpoints": ["mosaic/api"], "v1/Event": ["mosaic/started"],
    "v1/Namespace": ["db", "mosaic"], "v1/PersistentVolumeClaim": ["db/data"],
    "v1/Pod": ["mosaic/ended"],
  ]
  private static let restored: JSONValue = [
    // Another version of the same kind is the same object.
    "apps/v1beta1/Deployment": ["mosaic-x/api(created)"],
    "v1/ConfigMap": ["db/settings(failed)", "mosaic-x/settings(updated)"],
    "v1/PersistentVolumeClaim": ["db/data(skipped)"],
  ]

  private func missing(_ text: String = "", isDrill: Bool = false) throws -> [String] {
    RestoredObjects(Self.restored).missing(
      from: Self.backup, asked: try veleroManifest(text, isDrill: isDrill))
  }

  @Test func whatTheRestoreDoesNotTellOfIsMissing() throws {
    #expect(
      try missing() == [
        "Deployment mosaic/worker", "NetworkPolicy mosaic/allow", "Endpoints mosaic/api",
      ])
  }

  @Test(arguments: [
    // A drill brings no network policies back.
    ("", true, ["Deployment mosaic/worker", "Endpoints mosaic/api"]),
    (", filter: {resources: [deployments]}", false, ["Deployment mosaic/worker"]),
    (
      ", filter: {exclude: [deployments.apps, endpoints]}", false, ["NetworkPolicy mosaic/allow"]
    ),
    (
      ", filter: {resources: ['*'], exclude: [deployments, endpoints], clusterResources: include}",
      false, ["NetworkPolicy mosaic/allow", "ClusterRole reader"]
    ),
    // The list does not tell labels.
    (", filter: {labels: {app: api}}", false, []),
  ])
  func whatWasNotAskedForIsNotMissing(
    text: String, isDrill: Bool, expected: [String]
  ) throws {
    #expect(try missing(text, isDrill: isDrill) == expected)
  }

  @Test func outcomesAreTold() {
    let objects = RestoredObjects(Self.restored)
    #expect(objects.named("skipped", kind: "PersistentVolumeClaim") == ["db/data"])
    #expect(objects.named("failed") == ["ConfigMap db/settings"])
  }

  @Test(arguments: [
    ("v1/Pod", "pods"), ("networking.k8s.io/v1/Ingress", "ingresses.networking.k8s.io"),
    ("networking.k8s.io/v1/NetworkPolicy", "networkpolicies.networking.k8s.io"),
    ("v1/Endpoints", "endpoints"),
    ("storage.k8s.io/v1/StorageClass", "storageclasses.storage.k8s.io"),
  ])
  func kindsAreFilteredByTheirPlural(kind: String, name: String) {
    #expect(ListedKind(kind).isMeant(by: name))
    #expect(ListedKind(kind).isMeant(by: "*"))
    #expect(!ListedKind(kind).isMeant(by: "secrets"))
  }

  private static let volumes: JSONValue = [
    [
      "pvcName": "data", "pvcNamespace": "mosaic", "pvName": "pv-1", "skipped": false,
      "backupMethod": "CSISnapshot", "snapshotDataMoved": true, "result": "succeeded",
    ],
    [
      "pvcName": "logs", "pvcNamespace": "mosaic", "skipped": true,
      "skippedReason": "no policy wants it",
    ],
    ["pvcName": "cache", "pvcNamespace": "db", "skipped": false, "result": "failed"],
    // Before 1.14 no result was told.
    ["pvcName": "old", "pvcNamespace": "db", "backupMethod": "PodVolumeBackup"],
    ["pvName": "without-a-claim", "skipped": false],
    ["pvcName": "data", "pvcNamespace": "elsewhere", "result": "succeeded"],
  ]

  @Test func dataThatTheBackupDoesNotHoldIsNamed() {
    #expect(
      BackupVolumes(Self.volumes).withoutData(in: ["mosaic", "db"]) == [
        "mosaic/logs (no policy wants it)", "db/cache (its backup failed)",
      ])
  }

  @Test func dataThatDidNotComeBackIsNamed() throws {
    let restored = RestoredVolumes([
      [
        "pvcName": "data", "pvcNamespace": "mosaic-x", "restoreMethod": "CSISnapshot",
        "snapshotDataMoved": true,
      ]
    ])
    #expect(
      restored.summary
        == "The data of 1 volume(s) came back: 1 by CSISnapshot with a data mover.")
    let held = BackupVolumes(Self.volumes)
    #expect(held.missing(from: restored, asked: try veleroManifest()) == ["db/old"])
    let withoutClaims = try veleroManifest(", filter: {exclude: [persistentvolumeclaims]}")
    #expect(held.missing(from: restored, asked: withoutClaims).isEmpty)
  }

  /// Fields without a tag have the names that they have in Go.
  @Test func operationsThatFailedAreTold() {
    #expect(
      RestoreResults.failedOperations([
        ["spec": ["resourceIdentifier": ["Name": "a"]], "status": ["phase": "Completed"]],
        [
          "spec": [
            "resourceIdentifier": [
              "Group": "", "Resource": "persistentvolumeclaims", "Namespace": "db", "Name": "data",
            ]
          ],
          "status": ["phase": "Failed", "error": "connection reset"],
        ],
      ]) == ["persistentvolumeclaims db/data: connection reset"])
  }
}
