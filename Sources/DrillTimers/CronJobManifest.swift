import Cryptography
public import RecoveryPlan
public import StrictJSON

/// What makes Kubernetes drill one plan: a CronJob with a service account of its own, which may do
/// nothing but what the plan's steps ask of that cluster, the plan itself, and a volume for the state.
public struct CronJobManifest: Sendable {
  /// Where and with what the drills run.
  public struct Site: Sendable {
    /// The namespace; it must be there already.
    public let namespace: String
    /// The image that has the program at `/usr/bin/mosaic-dr`.
    public let image: String

    /// Creates a site.
    public init(namespace: String, image: String) {
      self.namespace = namespace
      self.image = image
    }
  }

  /// The longest name of a CronJob: its Jobs add 11 characters, and a name of theirs has at most 63
  /// (Kubernetes API reference, CronJob v1).
  private static let longestName = 52
  /// What a run that has reached its bound is still given to clean up, in seconds.
  private static let cleanup: Int64 = 3_600
  /// Someone who is nobody else in the image.
  private static let user: JSONValue = 65_532
  private static let state = "/var/lib/mosaic-dr"
  private static let plans = "/etc/mosaic-dr/plans"

  private let plan: RecoveryPlan
  private let schedule: DrillSchedule
  private let site: Site
  private let access: [JSONValue]

  /// - Parameters:
  ///   - access: the roles that the drill needs in the cluster it runs in, with their bindings to
  ///     ``accountName(of:)``; none when it asks nothing of that cluster.
  public init(
    of plan: RecoveryPlan, _ schedule: DrillSchedule, in site: Site, access: [JSONValue]
  ) {
    self.plan = plan
    self.schedule = schedule
    self.site = site
    self.access = access
  }

  /// The name of the service account, and of everything else that belongs to a plan's drills.
  public static func accountName(of plan: RecoveryPlan) -> String {
    let name = "\(TimerFile.prefix)-\(plan.name)"
    guard name.utf8.count > longestName else { return name }
    let digest = SHA256.digest(of: Array(plan.name.utf8)).hex.prefix(8)
    return "\(name.prefix(longestName - 9))-\(digest)"
  }

  private var name: String { Self.accountName(of: plan) }

  /// The file that `kubectl apply -f` takes.
  public var file: TimerFile {
    let list: JSONValue = [
      "apiVersion": "v1", "kind": "List",
      "items": .array([serviceAccount] + access + [planMap, stateClaim, cronJob]),
    ]
    return TimerFile(
      name: "\(TimerFile.prefix)-\(plan.name).json", text: list.prettyText() + "\n")
  }

  private var metadata: JSONValue {
    [
      "name": .string(name), "namespace": .string(site.namespace), "labels": labels,
    ]
  }

  private var labels: JSONValue {
    ["app.kubernetes.io/name": "mosaic-dr", "app.kubernetes.io/component": .string(name)]
  }

  private var serviceAccount: JSONValue {
    [
      "apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata,
      "automountServiceAccountToken": false,
    ]
  }

  /// The plan and all that it includes, to the byte: what is drilled is what was written.
  private var planMap: JSONValue {
    var data = JSONObject()
    for plan in plan.family {
      data["\(plan.name).yaml"] = .string(String(decoding: plan.bytes, as: UTF8.self))
    }
    return [
      "apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": .object(data),
    ]
  }

  private var stateClaim: JSONValue {
    [
      "apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": metadata,
      "spec": [
        "accessModes": ["ReadWriteOnce"], "resources": ["requests": ["storage": "1Gi"]],
      ],
    ]
  }

  private var cronJob: JSONValue {
    let knock = Knock(schedule: schedule)
    return [
      "apiVersion": "batch/v1", "kind": "CronJob", "metadata": metadata,
      "spec": [
        "schedule": .string(knock.cron), "timeZone": "Etc/UTC", "concurrencyPolicy": "Forbid",
        "startingDeadlineSeconds": .integer(Int64(knock.deadline)),
        "successfulJobsHistoryLimit": 3, "failedJobsHistoryLimit": 3,
        "jobTemplate": [
          "spec": [
            "backoffLimit": 0,
            "activeDeadlineSeconds": .integer(plan.timeout.components.seconds + Self.cleanup),
            "template": ["metadata": ["labels": labels], "spec": pod],
          ]
        ],
      ],
    ]
  }

  private var pod: JSONValue {
    [
      "serviceAccountName": .string(name), "restartPolicy": "Never",
      "automountServiceAccountToken": .bool(!access.isEmpty),
      // The first SIGTERM makes a drill clean up, as long as the cloud takes.
      "terminationGracePeriodSeconds": .integer(Self.cleanup),
      "securityContext": [
        "runAsNonRoot": true, "runAsUser": Self.user, "runAsGroup": Self.user,
        "fsGroup": Self.user, "seccompProfile": ["type": "RuntimeDefault"],
      ],
      "containers": [container],
      "volumes": [
        ["name": "plans", "configMap": ["name": .string(name)]],
        ["name": "state", "persistentVolumeClaim": ["claimName": .string(name)]],
        ["name": "tmp", "emptyDir": [:]],
      ],
    ]
  }

  private var container: JSONValue {
    [
      "name": "mosaic-dr", "image": .string(site.image),
      "command": [
        "/usr/bin/mosaic-dr", "drill", "--scheduled", "--plan", .string(plan.name), "--plans",
        .string(Self.plans), "--state", .string(Self.state),
      ],
      // Passwords that the plan names by variable; AWS credentials come from the pod's identity.
      "envFrom": [["secretRef": ["name": .string(name), "optional": true]]],
      "securityContext": [
        "allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true,
        "capabilities": ["drop": ["ALL"]],
      ],
      "resources": [
        "requests": ["cpu": "100m", "memory": "128Mi"], "limits": ["memory": "1Gi"],
      ],
      "volumeMounts": [
        ["name": "plans", "mountPath": .string(Self.plans), "readOnly": true],
        ["name": "state", "mountPath": .string(Self.state)],
        ["name": "tmp", "mountPath": "/tmp"],
      ],
    ]
  }
}
