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
  func plan<Request: AWSRequest>(_ request: Request, tags: TagRule = .none) -> PlannedCall {
    let own = IAMPermission(Request.iamAction, request.resources)
    let permissions = [own] + request.relatedPermissions(in: region)
    return PlannedCall(
      Request.iamAction, in: client.settings.signingRegion(of: Request.service, in: region),
      effect: PlannedCall.Effect(Request.effect),
      permissions: permissions.map { permission in
        let isTagged = permission.action.hasPrefix("\(Request.service.iamPrefix):")
        return CallPermission(
          .aws, permission.action, on: permission.resources.map { $0.pattern(in: region) },
          conditions: (permission.conditions + (isTagged ? tags.conditions : [])).map {
            CallPermission.Condition(test: $0.test, key: $0.key, value: $0.value)
          })
      },
      command: request.commandLine(region: region))
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
