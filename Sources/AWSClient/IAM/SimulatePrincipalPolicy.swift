import Platform

/// What IAM would decide about an action on a resource.
public struct PolicyDecision: Sendable, Equatable {
  /// The action: `rds:DeleteDBInstance`.
  public let action: String
  /// The resource.
  public let resource: String
  /// `allowed`, `explicitDeny`, `implicitDeny`.
  public let decision: String
  /// Whether it is allowed.
  public var isAllowed: Bool { decision == "allowed" }
}

/// `iam:SimulatePrincipalPolicy`: what the policies of a user or role allow.
public struct SimulatePrincipalPolicy: QueryRequest {
  public static let service = AWSService.iam
  public static let action = "SimulatePrincipalPolicy"
  public static let effect = RequestEffect.reads

  private let principal: String
  private let actions: [String]
  private let resourceARNs: [String]
  private let context: [(key: String, value: String)]

  /// Creates the request.
  ///
  /// - Parameters:
  ///   - principal: the ARN of a user or role, not of a role's session.
  ///   - context: the values that conditions are tested against.
  public init(
    principal: String, actions: [String], resources: [String],
    context: [(key: String, value: String)]
  ) {
    self.principal = principal
    self.actions = actions
    resourceARNs = resources
    self.context = context
  }

  public var parameters: QueryParameters {
    var parameters = QueryParameters()
    parameters.set("PolicySourceArn", principal)
    parameters.set("ActionNames", actions, member: "member")
    parameters.set("ResourceArns", resourceARNs, member: "member")
    for (index, entry) in context.enumerated() {
      let name = "ContextEntries.member.\(index + 1)"
      parameters.set("\(name).ContextKeyName", entry.key)
      parameters.set("\(name).ContextKeyValues", [entry.value], member: "member")
      parameters.set("\(name).ContextKeyType", "string")
    }
    return parameters
  }

  public var commandOptions: [CommandOption] {
    [
      CommandOption("PolicySourceArn", .text(principal)),
      CommandOption("ActionNames", .words(actions)),
      CommandOption("ResourceArns", .words(resourceARNs)),
    ]
      + (context.isEmpty
        ? []
        : [
          CommandOption(
            "ContextEntries",
            .words(
              context.map {
                "ContextKeyName=\($0.key),ContextKeyValues=\($0.value),ContextKeyType=string"
              }))
        ])
  }

  public static func answer(from result: XMLElement) throws -> [PolicyDecision] {
    try result.list("EvaluationResults").map {
      PolicyDecision(
        action: try $0.required("EvalActionName", of: action),
        resource: $0.string("EvalResourceName") ?? "*",
        decision: try $0.required("EvalDecision", of: action))
    }
  }
}
