import AWSClient
import KubernetesClient
import Platform
import RunEngine
import StrictJSON

/// One step's way to a cluster, and the record of every request the step makes.
struct ClusterAccess: Sendable {
  let directory: ClusterDirectory
  let aws: AWSClient
  let target: KubernetesTarget
  private let log = KubernetesCallLog()

  init(directory: ClusterDirectory, aws: AWSClient, target: KubernetesTarget) {
    self.directory = directory
    self.aws = aws
    self.target = target
  }

  func client() async throws -> KubernetesClient {
    try await directory.client(of: target, aws: aws)
  }

  /// Sends a request and keeps the record of it as the step's evidence, also when it fails.
  func send(_ request: KubernetesRequest, _ context: StepContext) async throws -> JSONValue {
    try await recorded(context) { try await client().send(request, log: log) }
  }

  func list(
    _ resource: KubernetesResource, in namespace: String?, _ context: StepContext,
    _ selector: ObjectSelector = ObjectSelector()
  ) async throws -> [JSONValue] {
    try await recorded(context) {
      try await client().list(resource, in: namespace, selector, log: log).items
    }
  }

  /// The object of that name; nil when there is none.
  func find(
    _ resource: KubernetesResource, _ name: String, in namespace: String?, _ context: StepContext
  ) async throws -> JSONValue? {
    try await recorded(context) {
      try await client().find(resource, name, in: namespace, log: log)
    }
  }

  /// The next state of the object that is followed.
  func next(
    _ follower: ObjectFollower, within time: Duration, _ context: StepContext
  ) async throws -> JSONValue? {
    try await recorded(context) { try await follower.next(within: time, log: log) }
  }

  /// Whether the server would permit it.
  func may(_ rule: AccessRule, _ context: StepContext) async throws -> Bool {
    try await recorded(context) { try await client().may(rule, log: log).isAllowed }
  }

  /// The server's version.
  func version(_ context: StepContext) async throws -> String {
    try await recorded(context) { try await client().serverVersion(log: log) }
  }

  private func recorded<Value: Sendable>(
    _ context: StepContext, _ body: () async throws -> Value
  ) async throws -> Value {
    defer {
      if let calls = try? JSONValue(encoding: log.kept) { context.keep("kubernetes_calls", calls) }
      context.keep("kubernetes_call_count", .integer(Int64(log.count)))
    }
    return try await body()
  }

  /// A request that the step may make. A namespace that belongs to one run is nil: rights are given
  /// before it is there.
  ///
  /// - Parameters:
  ///   - words: what the command of kubectl says besides.
  ///   - object: what is made, as far as it is known before a run.
  ///   - command: another command by which a person learns the same; the request only serves to look.
  func plan(
    _ verb: KubernetesRequest.Verb, _ resource: KubernetesResource, in namespace: String?,
    _ name: String? = nil, words: [String] = [], object: JSONValue? = nil,
    command other: [String]? = nil, isOptional: Bool = false
  ) -> PlannedCall {
    let rule = AccessRule(verb, resource, in: namespace)
    let text = object.flatMap { try? $0.canonicalBytes() }.map {
      String(decoding: $0, as: UTF8.self)
    }
    let kubectl = command(verb, resource, namespace, name, file: text == nil ? "<manifest>" : "-")
    let call = PlannedCall(
      rule.shown, in: target.shown, effect: other == nil ? Self.effect(of: verb) : .reads,
      permissions: [
        CallPermission(
          .kubernetes, verb.rawValue, on: ["\(resource.group)/\(resource.plural)"],
          namespace: namespace)
      ], command: other ?? kubectl + words, isOptional: isOptional)
    return text.map(call.reading) ?? call
  }

  /// The calls by which the cluster is found before the first request to it; none for those of a
  /// kubeconfig.
  var discovery: [PlannedCall] {
    guard case .eks(let cluster, let region) = target else { return [] }
    let call = AWSAccess(client: aws, region: region).plan(DescribeCluster(name: cluster))
    return [
      PlannedCall(
        call.name, in: call.place, effect: call.effect, permissions: call.permissions,
        command: ["aws", "eks", "update-kubeconfig", "--region", region, "--name", cluster]
          + target.kubeconfigOption)
    ]
  }

  /// A command of Velero's own command line.
  func velero(_ words: String..., in namespace: String) -> [String] {
    var command = ["velero"] + target.kubeconfigOption
    if case .context(let context) = target { command += ["--kubecontext", context] }
    return command + ["-n", namespace] + words
  }

  private static func effect(of verb: KubernetesRequest.Verb) -> PlannedCall.Effect {
    switch verb {
    case .get, .list, .watch: .reads
    case .create: .creates
    case .patch: .changes
    case .delete: .deletes
    }
  }

  private func command(
    _ verb: KubernetesRequest.Verb, _ resource: KubernetesResource, _ namespace: String?,
    _ name: String?, file: String
  ) -> [String] {
    var words = ["kubectl"] + target.kubeconfigOption
    if case .context(let context) = target { words += ["--context", context] }
    if let namespace { words += ["-n", namespace] }
    switch verb {
    case .get, .list: words += ["get", resource.description] + (name.map { [$0] } ?? [])
    case .watch: words += ["get", resource.description] + (name.map { [$0] } ?? []) + ["--watch"]
    case .create: words += ["create", "-f", file]
    case .patch: words += ["apply", "--server-side", "-f", file]
    case .delete: words += ["delete", resource.description, name ?? "<name>"]
    }
    return words
  }
}
