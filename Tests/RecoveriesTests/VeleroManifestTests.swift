import AWSClient
import Cryptography
import Platform
import PositionedYAML
import RecoveryPlan
import RunEngine
import StrictJSON
import Testing

@testable import Recoveries

@Suite struct VeleroManifestTests {
  private func spec(_ text: String, isDrill: Bool) throws -> JSONObject {
    try veleroManifest(text, isDrill: isDrill).spec(backup: "b")
  }

  @Test func aRestoreAsksForWhatThePlanSays() throws {
    let spec = try spec(
      ", existing: update, volumes: true, itemOperationTimeout: 2h, filter: {labels: {app: api}}",
      isDrill: false)
    #expect(spec["backupName"] == "b")
    #expect(spec["namespaceMapping"] == ["mosaic": "mosaic-x"])
    #expect(spec["existingResourcePolicy"] == "update")
    #expect(spec["restorePVs"] == true)
    #expect(spec["itemOperationTimeout"] == "7200s")
    #expect(spec["labelSelector"] == ["matchLabels": ["app": "api"]])
    // What Velero decides by itself is left out.
    #expect(spec["includeClusterResources"] == nil)
    #expect(spec["excludedResources"] == ["targetgroupbindings.elbv2.k8s.aws"])
  }

  /// Network policies add up: a restored one could open what the drill's closes.
  @Test func aDrillLeavesOutWhatWouldOpenItOrTheCluster() throws {
    let closed = try spec(", filter: {clusterResources: include}", isDrill: true)
    #expect(
      closed["excludedResources"]?.arrayValue?.contains("networkpolicies.networking.k8s.io") == true
    )
    #expect(closed["includeClusterResources"] == nil)
    let open = try spec(
      ", filter: {clusterResources: include}, drill: {egress: allow, clusterResources: true}",
      isDrill: true)
    #expect(open["excludedResources"]?.arrayValue?.count == 1)
    #expect(open["includeClusterResources"] == true)
    let run = ULID(at: Timestamp(nanoseconds: 0), random: SeededRandom(seed: 1))
    #expect(CloseDrillNamespace.spec("deny", run: run)["egress"] == [])
    #expect(CloseDrillNamespace.spec("internal", run: run)["egress"]?.arrayValue?.count == 2)
  }

  @Test func storageClassesAreReplacedWhereTheyStand() throws {
    let rules = ModifierRules(
      component: try veleroComponent(", storageClasses: {gp2: gp3}"), isDrill: false
    ).rules
    #expect(rules.count == 2 + ModifierRules.templates)
    #expect(
      rules.first == [
        "conditions": [
          "groupResource": "persistentvolumeclaims",
          "matches": [["path": "/spec/storageClassName", "value": "gp2"]],
        ],
        "patches": [
          ["operation": "replace", "path": "/spec/storageClassName", "value": "gp3"]
        ],
      ])
    #expect(ModifierRules(component: try veleroComponent(""), isDrill: false).rules.isEmpty)
    #expect(ModifierRules(component: try veleroComponent(""), isDrill: true).rules.count == 1)
  }

  @Test func rightsAreGatheredByNamespace() {
    func call(_ verb: String, _ resource: String, _ namespace: String?) -> PlannedCall {
      PlannedCall(
        verb, in: "c", effect: .reads,
        permissions: [CallPermission(.kubernetes, verb, on: [resource], namespace: namespace)],
        command: [])
    }
    let roles = RoleManifest(
      allowing: [
        call("get", "velero.io/restores", "velero"), call("create", "velero.io/restores", "velero"),
        call("get", "velero.io/backups", "velero"), call("create", "/namespaces", nil),
        call("get", "velero.io/backups", "velero"),
      ], name: "r")
    #expect(
      roles.json["items"] == [
        [
          "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole",
          "metadata": ["name": "r"],
          "rules": [["apiGroups": [""], "resources": ["namespaces"], "verbs": ["create"]]],
        ],
        [
          "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role",
          "metadata": ["name": "r", "namespace": "velero"],
          "rules": [
            ["apiGroups": ["velero.io"], "resources": ["backups"], "verbs": ["get"]],
            ["apiGroups": ["velero.io"], "resources": ["restores"], "verbs": ["create", "get"]],
          ],
        ],
      ])
  }

  @Test(arguments: [
    ("context: dr, inCluster: true, ", "the cluster is given twice"),
    ("", "the cluster is missing"),
    ("context: dr, backup: b, ", "the backup is given twice"),
    ("context: dr, mapping: {other: x}, ", "not among the namespaces"),
    ("context: dr, storageClasses: {}, ", "no mapping"),
    ("context: dr, drill: {egress: some}, ", "'some' is not one of internal, deny, allow"),
    ("inCluster: false, ", "no other cluster is named"),
  ])
  func aMistakeInAPlanIsNamed(fields: String, words: String) {
    let diagnostics = readPlan(
      "name: apps\nvelero: {\(fields)schedule: daily, namespaces: [mosaic]}"
    ).diagnostics
    #expect(diagnostics.contains { $0.rendered.contains(words) }, "\(diagnostics.map(\.rendered))")
  }

  /// The vectors agree with botocore 1.43 byte for byte.
  @Test(arguments: [
    (String?.none, "6521b0f5a9f2842b281cd243f9d4091f00f08005245be4bfe0569b084a8be8fb", 481),
    (
      "SESSION/TOKEN+EX==", "15e0f33cf556774085477bd097999f081831a4ae3f80cd802139c1e55b85d96f", 545
    ),
  ])
  func tokensForEKSAreThoseThatItsToolsMake(session: String?, digest: String, length: Int) throws {
    let signer = RequestSigner(
      credentials: AWSCredentials(
        accessKeyID: "AKIDEXAMPLE",
        secretAccessKey: Secret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
        sessionToken: session.map { Secret($0) }, source: "test"),
      region: "eu-west-1", service: .sts)
    let url = signer.presign(
      EKSTokenIssuer.request(
        endpoint: "https://sts.eu-west-1.amazonaws.com/", cluster: "prod-dr"),
      at: try #require(Timestamp("2026-01-02T03:04:05Z")), expires: EKSTokenIssuer.expires)
    let token = EKSTokenIssuer.token(of: url)
    #expect(token.count == length)
    #expect(SHA256.digest(of: Array(token.utf8)).hex == digest)
  }
}
