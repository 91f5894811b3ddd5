import Platform
import PositionedYAML
public import RecoveryPlan
import StrictJSON

/// `velero`: namespaces of a cluster, brought back from a backup of Velero.
public struct VeleroComponent: PlanObject {
  let cluster: ClusterReference
  let veleroNamespace: String
  let source: VeleroSource
  let acceptsPartialBackup: Bool
  let acceptsPartialRestore: Bool
  let restarts: Int
  let namespaces: [String]
  let mapping: [String: String]
  let filter: VeleroFilter
  let existing: String
  let restoresVolumes: Bool?
  let keepsNodePorts: Bool?
  let storageClasses: [String: String]
  let modifiers: [VeleroModifier]
  let itemOperationTimeout: Duration?
  let drill: VeleroDrill
  let timeouts: VeleroTimeouts

  /// Reads the fields.
  public init(from fields: FieldReader) {
    cluster = ClusterReference(from: fields)
    veleroNamespace = fields.optional(
      "veleroNamespace", .kubernetesName, default: "velero", shownAs: "velero",
      "The namespace that Velero runs in.")
    source = VeleroSource(from: fields)
    acceptsPartialBackup =
      fields.optional(
        "partialBackup", .choice(["refuse", "accept"]), default: "refuse", shownAs: "refuse",
        "Whether a PartiallyFailed backup may be used when it is the newest.") == "accept"
    acceptsPartialRestore =
      fields.optional(
        "partialRestore", .choice(["refuse", "accept"]), default: "refuse", shownAs: "refuse",
        "Whether a PartiallyFailed restore is good enough; then it is an exception in the report.")
      == "accept"
    restarts = fields.optional(
      "restarts", .integer(0...5), default: 1, shownAs: 1,
      "How often another restore is asked for when Velero's server was restarted in the middle of one, "
        + "which ends it for good.")
    namespaces = fields.required(
      "namespaces", .list(of: .kubernetesName, 1...100), "The namespaces to bring back.")
    mapping = fields.optional(
      "mapping",
      TextMap.type("namespaces", 1...100, key: .kubernetesName, value: .kubernetesName),
      default: [:], shownAs: [:],
      "New names that a restore gives to namespaces; a drill gives names of its own.")
    filter = fields.optional(
      "filter", .object(VeleroFilter.self), default: VeleroFilter(), shownAs: [:],
      "Which objects are brought back.")
    existing = fields.optional(
      "existing", .choice(["none", "update"]), default: "none", shownAs: "none",
      "What becomes of objects that are there already: left, or updated. Claims are always left.")
    restoresVolumes = fields.optional(
      "volumes", .boolean, "Whether volumes are brought back; left out, Velero decides.")
    keepsNodePorts = fields.optional(
      "nodePorts", .boolean, "Whether node ports stay the same; left out, Velero decides.")
    storageClasses = fields.optional(
      "storageClasses",
      TextMap.type("storage classes", 1...20, key: .text(upTo: 253), value: .text(upTo: 253)),
      default: [:], shownAs: [:], "Storage classes to replace: {gp2: gp3}.")
    modifiers = fields.optional(
      "modifiers", .list(of: .object(VeleroModifier.self), 0...50), default: [], shownAs: [],
      "Changes to objects on their way (Velero's resource modifiers).")
    itemOperationTimeout = fields.optional(
      "itemOperationTimeout", .duration, "The bound on the transfer of one volume's data.")
    drill = fields.optional(
      "drill", .object(VeleroDrill.self), default: VeleroDrill(), shownAs: [:],
      "How a drill keeps its copy apart.")
    timeouts = fields.optional(
      "timeouts", .object(VeleroTimeouts.self), default: VeleroTimeouts(), shownAs: [:],
      "Bounds on the waits.")
    for name in mapping.keys.sorted() where !namespaces.contains(name) {
      fields.report(
        "'\(name)' is mapped, but is not among the namespaces", in: "mapping",
        fix: "Add it to 'namespaces', or correct its name.")
    }
  }
}

/// Which backup is meant: fields of `velero`.
struct VeleroSource: Sendable, Equatable {
  let schedule: String?
  let backup: String?
  let labels: [String: String]

  init(schedule: String? = nil, backup: String? = nil, labels: [String: String] = [:]) {
    self.schedule = schedule
    self.backup = backup
    self.labels = labels
  }

  init(from fields: FieldReader) {
    schedule = fields.optional(
      "schedule", .text(upTo: 63), "The newest good backup of this schedule.")
    backup = fields.optional("backup", .text(upTo: 253), "The backup of this name.")
    labels = fields.optional(
      "labels", TextMap.type("labels", 1...20, key: .text(upTo: 317), value: .text(upTo: 63)),
      default: [:], shownAs: [:], "The newest good backup with these labels.")
    fields.exactlyOne(of: ["schedule", "backup", "labels"], "the backup")
  }

  /// In words.
  var shown: String {
    if let backup { return "backup \(backup)" }
    if let schedule { return "backups of schedule \(schedule)" }
    return "backups with \(labelSelector ?? "")"
  }

  /// The label selector for the candidates; nil when a name says it.
  var labelSelector: String? {
    if let schedule { return "velero.io/schedule-name=\(schedule)" }
    if backup != nil { return nil }
    return labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
      .joined(separator: ",")
  }
}

/// `velero.filter`
struct VeleroFilter: PlanObject {
  let included: [String]
  let excluded: [String]
  let labels: [String: String]
  let clusterResources: String

  init() {
    included = []
    excluded = []
    labels = [:]
    clusterResources = "auto"
  }

  init(from fields: FieldReader) {
    included = fields.optional(
      "resources", .list(of: .resourceName, 0...100), default: [], shownAs: [],
      "Only objects of these kinds: deployments.apps.")
    excluded = fields.optional(
      "exclude", .list(of: .resourceName, 0...100), default: [], shownAs: [],
      "No objects of these kinds. TargetGroupBindings are always left out: they would take the "
        + "lost cluster's targets away from its load balancer.")
    labels = fields.optional(
      "labels", TextMap.type("labels", 1...20, key: .text(upTo: 317), value: .text(upTo: 63)),
      default: [:], shownAs: [:], "Only objects with these labels.")
    clusterResources = fields.optional(
      "clusterResources", .choice(["auto", "include", "exclude"]), default: "auto",
      shownAs: "auto",
      "Objects of the whole cluster: auto takes those that others need, such as volumes.")
  }
}

/// `velero.modifiers[]`
struct VeleroModifier: PlanObject, Equatable {
  let kind: String
  let name: String?
  let namespaces: [String]
  let patches: [VeleroPatch]

  init(from fields: FieldReader) {
    kind = fields.required("kind", .resourceName, "The kind of the objects: deployments.apps.")
    name = fields.optional("name", .text(upTo: 300), "A regular expression for their names.")
    namespaces = fields.optional(
      "namespaces", .list(of: .kubernetesName, 0...100), default: [], shownAs: [],
      "Their namespaces, as the backup has them; left out, all.")
    patches = fields.required(
      "patches", .list(of: .object(VeleroPatch.self), 1...50), "What is changed, in order.")
  }
}

/// `velero.modifiers[].patches[]`: an operation of RFC 6902.
struct VeleroPatch: PlanObject, Equatable {
  let operation: String
  let path: String
  let value: String?

  init(from fields: FieldReader) {
    operation = fields.required(
      "operation", .choice(["add", "remove", "replace", "test", "copy", "move"]),
      "The operation (RFC 6902).")
    path = fields.required("path", .text(upTo: 1_000), "The path: /spec/replicas.")
    value = fields.optional(
      "value", .text(upTo: 10_000), "The value; a text that is JSON is taken as JSON.")
  }
}

/// `velero.drill`
struct VeleroDrill: PlanObject {
  let labels: [String: String]
  let egress: String
  let clusterResources: Bool
  let suspendsCronJobs: Bool

  init() {
    labels = [:]
    egress = "internal"
    clusterResources = false
    suspendsCronJobs = true
  }

  init(from fields: FieldReader) {
    labels = fields.optional(
      "labels", TextMap.type("labels", 1...20, key: .text(upTo: 317), value: .text(upTo: 63)),
      default: [:], shownAs: [:], "Labels of the drill's namespaces, beside the run's own.")
    egress = fields.optional(
      "egress", .choice(["internal", "deny", "allow"]), default: "internal", shownAs: "internal",
      "What the copy may reach, so that it cannot send mail or call partners: the drill's own "
        + "namespaces and DNS, nothing, or everything. The cluster's network must enforce policies."
    )
    clusterResources = fields.optional(
      "clusterResources", .boolean, default: false, shownAs: false,
      "Whether 'filter.clusterResources: include' holds for drills too.")
    suspendsCronJobs = fields.optional(
      "suspendCronJobs", .boolean, default: true, shownAs: true,
      "Whether CronJobs of the copy are suspended.")
  }
}

/// `velero.timeouts`
struct VeleroTimeouts: PlanObject {
  let sync: Duration
  let restore: Duration
  let delete: Duration

  init() {
    sync = .seconds(600)
    restore = .seconds(4 * 3_600)
    delete = .seconds(1_800)
  }

  init(from fields: FieldReader) {
    sync = fields.optional(
      "sync", .duration, default: .seconds(600), shownAs: "10m",
      "Until a usable backup shows in the cluster; Velero looks into the bucket each minute.")
    restore = fields.optional(
      "restore", .duration, default: .seconds(4 * 3_600), shownAs: "4h",
      "Until Velero has ended the restore.")
    delete = fields.optional(
      "delete", .duration, default: .seconds(1_800), shownAs: "30m",
      "Until what a drill made is gone.")
  }
}
