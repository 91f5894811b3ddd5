import AWSClient
import RunEngine

/// How far a permission is held to what runs of this program make.
enum TagRule {
  /// Not at all: the call reads, or touches what was there before.
  case none
  /// What is made must be given the run's tags.
  case onRequest
  /// What is touched must carry the tags of a run.
  case onResource

  fileprivate var conditions: [IAMPermission.Condition] {
    switch self {
    case .none: []
    case .onRequest: [.init("Null", "aws:RequestTag/\(OwnershipTags.run)", "false")]
    case .onResource: [.init("Null", "aws:ResourceTag/\(OwnershipTags.run)", "false")]
    }
  }
}

/// The instance that steps work on, as far as it is known before a run, for those who read the plan.
struct PlannedInstance: Sendable {
  let identifier: String
  /// Whether the run makes it; else it was there before.
  let isMade: Bool

  var tagRule: TagRule { isMade ? .onResource : .none }
}

extension AWSAccess {
  /// A call that the step may make, with everything that is derived from the typed request. Placeholders
  /// in angle brackets stand for what is found out on the way.
  ///
  /// - Parameter further: what the call may need besides, depending on what is found out.
  func plan<Request: AWSRequest>(
    _ request: Request, tags: TagRule = .none, isOptional: Bool = false,
    further: [IAMPermission] = []
  ) -> PlannedCall {
    // Groups are there before a run, and carry no tags of it.
    let groups = request.resources.filter { tags == .onResource && isGroup($0) }
    let own = [request.resources.filter { !groups.contains($0) }, groups].filter { !$0.isEmpty }
      .map { IAMPermission(Request.iamAction, $0) }
    let related = (own + request.relatedPermissions(in: region)).map { permission in
      let isTagged =
        permission.action.hasPrefix("\(Request.service.iamPrefix):")
        && (groups.isEmpty || permission.resources != groups)
      return declared(permission, isTagged ? tags.conditions : [])
    }
    return PlannedCall(
      Request.iamAction, in: client.settings.signingRegion(of: Request.service, in: region),
      effect: PlannedCall.Effect(Request.effect),
      permissions: related + further.map { declared($0, []) },
      command: request.commandLine(region: region), isOptional: isOptional)
  }

  private func declared(
    _ permission: IAMPermission, _ conditions: [IAMPermission.Condition]
  ) -> CallPermission {
    CallPermission(
      .aws, permission.action, on: permission.resources.map { $0.pattern(in: region) },
      conditions: (permission.conditions + conditions).map {
        CallPermission.Condition(test: $0.test, key: $0.key, value: $0.value)
      })
  }

  /// Whether it is a parameter, option or subnet group of RDS.
  private func isGroup(_ resource: AWSResource) -> Bool {
    let kind = resource.pattern(in: region).split(separator: ":", maxSplits: 6).dropFirst(5).first
    return ["pg", "og", "subgrp", "cluster-pg"].contains(kind ?? "")
  }
}

extension AWSAccess {
  /// The command by which a person waits until an instance can be used.
  func untilAvailable(_ instance: String) -> [String] {
    [
      "aws", "rds", "wait", "db-instance-available", "--region", region,
      "--db-instance-identifier", instance,
    ]
  }

  /// The same for a cluster.
  func untilClusterAvailable(_ cluster: String) -> [String] {
    [
      "aws", "rds", "wait", "db-cluster-available", "--region", region,
      "--db-cluster-identifier", cluster,
    ]
  }

  /// The call by which a person finds where an instance listens.
  func locate(_ instance: String) -> PlannedCall {
    plan(DescribeDBInstances(identifier: instance)).finding(
      .init("address", at: "DBInstances[0].Endpoint.Address"),
      .init("port", at: "DBInstances[0].Endpoint.Port"))
  }

  /// The calls by which an instance is looked at, in trouble too.
  func watch(_ instance: String) -> [PlannedCall] {
    [
      plan(DescribeDBInstances(identifier: instance)),
      plan(DescribeEvents(.instance, instance, minutes: RDSProblems.eventMinutes)),
    ]
  }
}

extension PlannedCall.Effect {
  init(_ effect: RequestEffect) {
    switch effect {
    case .reads: self = .reads
    case .creates: self = .creates
    case .changes: self = .changes
    case .deletes: self = .deletes
    }
  }
}
