extension AWSService {
  /// AWS CloudFormation.
  public static let cloudFormation = AWSService(
    "CloudFormation", endpointPrefix: "cloudformation", wire: .query(version: "2010-05-15"))
}

/// A stack of CloudFormation (API Reference, "Stack"); fields this program reads.
public struct CloudFormationStack: Sendable, Equatable {
  /// The ARN: it names the stack for ever, also after its deletion.
  public let identifier: String
  /// The name.
  public let name: String
  /// `CREATE_IN_PROGRESS`, `CREATE_COMPLETE`, `ROLLBACK_COMPLETE` and so on.
  public let status: String
  /// Why it has that status.
  public let reason: String?
  /// Its tags.
  public let tags: [String: String]
}

/// `cloudformation:DescribeStacks` for one stack, by its name or ARN; `ValidationError` when it is not
/// there.
public struct DescribeStacks: QueryRequest {
  public static let service = AWSService.cloudFormation
  public static let action = "DescribeStacks"
  public static let effect = RequestEffect.reads

  private let stack: String

  /// Creates the request.
  public init(stack: String) { self.stack = stack }

  public var resources: [AWSResource] { [CreateStack.resource(stack)] }

  public var parameters: QueryParameters {
    var parameters = QueryParameters()
    parameters.set("StackName", stack)
    return parameters
  }

  public static func answer(from result: XMLElement) throws -> CloudFormationStack? {
    guard let stack = result.list("Stacks").first else { return nil }
    return CloudFormationStack(
      identifier: try stack.required("StackId", of: action),
      name: try stack.required("StackName", of: action),
      status: try stack.required("StackStatus", of: action),
      reason: stack.string("StackStatusReason"), tags: stack.tags("Tags"))
  }
}

/// `cloudformation:CreateStack`; `AlreadyExistsException` when the name is taken. The answer is the
/// stack's ARN.
public struct CreateStack: QueryRequest {
  public static let service = AWSService.cloudFormation
  public static let action = "CreateStack"
  public static let effect = RequestEffect.creates
  /// The longest template that a request may hold, in bytes.
  public static let longestTemplate = 51_200

  private let name: String
  private let template: String
  private let inputs: [String: String]
  private let capabilities: [String]
  private let tags: [String: String]
  /// By what CloudFormation knows a repetition.
  public let idempotencyToken: String?

  /// Creates the request.
  ///
  /// - Parameters:
  ///   - inputs: the template's parameters.
  ///   - token: by what CloudFormation knows a repetition: at most 128 letters, digits and hyphens.
  public init(
    name: String, template: String, inputs: [String: String], capabilities: [String],
    tags: [String: String], token: String
  ) {
    self.name = name
    self.template = template
    self.inputs = inputs
    self.capabilities = capabilities
    self.tags = tags
    idempotencyToken = token
  }

  static func resource(_ stack: String) -> AWSResource {
    stack.hasPrefix("arn:") ? .arn(stack) : .regional("cloudformation", "stack/\(stack)/*")
  }

  public var resources: [AWSResource] { [Self.resource(name)] }

  public var parameters: QueryParameters {
    var parameters = QueryParameters()
    parameters.set("StackName", name)
    parameters.set("TemplateBody", template)
    for (index, input) in inputs.sorted(by: { $0.key < $1.key }).enumerated() {
      parameters.set("Parameters.member.\(index + 1).ParameterKey", input.key)
      parameters.set("Parameters.member.\(index + 1).ParameterValue", input.value)
    }
    parameters.set("Capabilities", capabilities, member: "member")
    for (index, tag) in tags.sorted(by: { $0.key < $1.key }).enumerated() {
      parameters.set("Tags.member.\(index + 1).Key", tag.key)
      parameters.set("Tags.member.\(index + 1).Value", tag.value)
    }
    parameters.set("ClientRequestToken", idempotencyToken)
    return parameters
  }

  public var commandOptions: [CommandOption] {
    [
      CommandOption("StackName", .text(name)),
      CommandOption("TemplateBody", .text("file://<template>")),
      CommandOption(
        "Parameters",
        .words(
          inputs.sorted { $0.key < $1.key }.map {
            "ParameterKey=\($0.key),ParameterValue=\($0.value)"
          })),
      CommandOption("Capabilities", .words(capabilities)),
      CommandOption(
        "Tags", .words(tags.sorted { $0.key < $1.key }.map { "Key=\($0.key),Value=\($0.value)" })),
    ]
  }

  public static func answer(from result: XMLElement) throws -> String {
    try result.required("StackId", of: action)
  }
}

/// `cloudformation:DeleteStack`: removes what the stack made. Also of a stack that is gone, it succeeds.
public struct DeleteStack: QueryRequest {
  public static let service = AWSService.cloudFormation
  public static let action = "DeleteStack"
  public static let effect = RequestEffect.deletes

  private let identifier: String

  /// Creates the request.
  ///
  /// - Parameter identifier: the ARN, so that another stack of the name is never meant.
  public init(identifier: String) { self.identifier = identifier }

  public var resources: [AWSResource] { [CreateStack.resource(identifier)] }

  public var parameters: QueryParameters {
    var parameters = QueryParameters()
    parameters.set("StackName", identifier)
    return parameters
  }

  public static func answer(from result: XMLElement) throws {}
}
