import KubernetesClient
import Platform
import StrictJSON
import Testing

@testable import Recoveries

@Suite struct WorkloadStateTests {
  private func state(_ kind: String, _ object: JSONValue) -> WorkloadState? {
    WorkloadState.kinds.first { $0.resource.plural == kind }?.judge(object)
  }

  private func deployment(observed: Int64 = 2, status: JSONObject) -> JSONValue {
    var status = status
    status["observedGeneration"] = .integer(observed)
    return ["metadata": ["generation": 2], "spec": ["replicas": 3], "status": .object(status)]
  }

  @Test func aDeploymentIsReadyByTheRulesOfKubectl() {
    let whole: JSONObject = ["replicas": 3, "updatedReplicas": 3, "availableReplicas": 3]
    #expect(state("deployments", deployment(status: whole)) == .ready)
    #expect(
      state("deployments", deployment(observed: 1, status: whole))
        == .waiting("its controller has not seen it yet"))
    #expect(
      state("deployments", deployment(status: ["replicas": 3, "updatedReplicas": 2]))
        == .waiting("2 of 3 replicas updated"))
    #expect(
      state(
        "deployments",
        deployment(status: ["replicas": 4, "updatedReplicas": 3, "availableReplicas": 3]))
        == .waiting("old replicas are still there"))
    #expect(
      state(
        "deployments",
        deployment(status: ["replicas": 3, "updatedReplicas": 3, "availableReplicas": 1]))
        == .waiting("1 of 3 replicas available"))
    let stuck: JSONArray = [
      ["type": "Progressing", "reason": "ProgressDeadlineExceeded", "message": "too long"]
    ]
    #expect(
      state("deployments", deployment(status: ["conditions": .array(stuck)])) == .failed("too long")
    )
  }

  private typealias JSONArray = [JSONValue]

  @Test func statefulSetsAndDaemonSetsAndJobs() {
    func set(_ status: JSONValue, _ spec: JSONValue = ["replicas": 2]) -> JSONValue {
      ["metadata": ["generation": 1], "spec": spec, "status": status]
    }
    #expect(
      state(
        "statefulsets",
        set([
          "observedGeneration": 1, "readyReplicas": 2, "updateRevision": "b",
          "currentRevision": "b",
        ])) == .ready)
    #expect(
      state(
        "statefulsets",
        set([
          "observedGeneration": 1, "readyReplicas": 2, "updateRevision": "b",
          "currentRevision": "a",
        ])) == .waiting("a new revision is rolled out"))
    #expect(
      state("statefulsets", set(["observedGeneration": 1, "readyReplicas": 1]))
        == .waiting("1 of 2 replicas ready"))
    #expect(
      state(
        "daemonsets",
        set([
          "observedGeneration": 1, "desiredNumberScheduled": 2, "updatedNumberScheduled": 2,
          "numberAvailable": 1,
        ])) == .waiting("1 of 2 pods available"))
    #expect(
      state("jobs", set(["conditions": [["type": "Complete", "status": "True"]]])) == .ready)
    #expect(
      state(
        "jobs", set(["conditions": [["type": "Failed", "status": "True", "message": "no"]]]))
        == .failed("no"))
  }

  private func pod(_ reason: String, restarts: Int64 = 0) -> JSONValue {
    [
      "metadata": ["name": "api-1"],
      "status": [
        "phase": "Pending",
        "containerStatuses": [
          [
            "name": "api", "restartCount": .integer(restarts),
            "state": ["waiting": ["reason": .string(reason), "message": "words"]],
          ]
        ],
      ],
    ]
  }

  @Test func whatWaitingDoesNotHelpIsPlain() {
    #expect(
      PodTrouble.plain(of: pod("ImagePullBackOff"))
        == "pod api-1, container api: ImagePullBackOff: words")
    #expect(PodTrouble.plain(of: pod("ContainerCreating")) == nil)
    // One crash may be a start before what it needs.
    #expect(PodTrouble.plain(of: pod("CrashLoopBackOff", restarts: 1)) == nil)
    #expect(
      PodTrouble.plain(of: pod("CrashLoopBackOff", restarts: 5))?.contains("5 restarts") == true)
    #expect(
      PodTrouble.waiting(pod("ContainerCreating")) == "pod api-1 is Pending, ContainerCreating")
  }

  /// Phases that are still under way have the name of a final one in theirs.
  @Test(arguments: [
    ("", RestorePhase.new), ("InProgress", .inProgress),
    ("WaitingForPluginOperationsPartiallyFailed", .waitingForPlugins),
    ("FinalizingPartiallyFailed", .finalizing), ("PartiallyFailed", .partiallyFailed),
    ("FailedValidation", .failedValidation), ("Failed", .failed), ("Completed", .completed),
    ("Pondering", .unknown("Pondering")),
  ])
  func phasesAreWholeWords(word: String, phase: RestorePhase) {
    #expect(RestorePhase(["status": ["phase": .string(word)]]) == phase)
  }

  @Test func resultsAreReadAndTheUsualWarningsAreQuiet() throws {
    let results = try #require(
      RestoreResults([
        "errors": ["velero": ["a"], "cluster": [], "namespaces": ["mosaic": ["b", "c"]]],
        "warnings": [
          "namespaces": ["mosaic": ["ConfigMap:kube-root-ca.crt already exists.", "d"]]
        ],
      ]))
    #expect(results.errors == ["velero: a", "mosaic: b", "mosaic: c"])
    #expect(results.notable == ["mosaic: d"])
    #expect(RestoreResults.short(results.errors, upTo: 2) == "velero: a | mosaic: b | and 1 more")
  }

  /// The service is back with its last workload, whatever the order in which the API lists them.
  @Test func theLastToGetReadyCounts() {
    func pod(_ name: String, _ status: String, at time: String) -> JSONValue {
      [
        "metadata": ["name": .string(name)],
        "status": [
          "conditions": [
            ["type": "Ready", "status": .string(status), "lastTransitionTime": .string(time)]
          ]
        ],
      ]
    }
    let pods = [
      pod("early", "True", at: "2026-01-02T03:04:05Z"),
      pod("late", "True", at: "2026-01-02T03:09:00Z"),
      pod("middle", "True", at: "2026-01-02T03:06:00Z"),
      // The pod of a job: not ready, since it has ended.
      pod("ended", "False", at: "2026-01-02T03:30:00Z"),
    ]
    let last = WorkloadsCheck.lastReady(pods, [])
    #expect(last?.at == Timestamp("2026-01-02T03:09:00Z"))
    #expect(last?.source == "Ready of pod late, the last one")
    let job: JSONValue = [
      "metadata": ["name": "migrate"], "status": ["completionTime": "2026-01-02T03:10:00Z"],
    ]
    let after = WorkloadsCheck.lastReady(pods.reversed(), [job])
    #expect(after?.at == Timestamp("2026-01-02T03:10:00Z"))
    #expect(after?.source == "completionTime of job migrate, the last one")
    #expect(WorkloadsCheck.lastReady([], []) == nil)
  }
}
