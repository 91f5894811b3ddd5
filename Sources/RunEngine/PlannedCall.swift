/// A call that a step may make, declared before it is made. The dry run, the runbook and the least
/// privileges are derived from it.
public struct PlannedCall: Sendable, Codable, Equatable {
  /// What a call does to the world.
  public enum Effect: String, Sendable, Codable {
    case reads, creates, changes, deletes
  }

  /// As the record of calls names it: `rds:DescribeDBInstances`, `get velero.io/restores`.
  public let name: String
  /// Where it goes: a region, a cluster.
  public let place: String
  /// What it does to the world.
  public let effect: Effect
  /// What has to be allowed for it.
  public internal(set) var permissions: [CallPermission]
  /// The command by which a person makes the same call, word by word. Words in angle brackets stand
  /// for what is found out on the way.
  public internal(set) var command: [String]
  /// Whether the step can do without its answer.
  public let isOptional: Bool
  /// What a person takes from the answer for the calls behind it: the words that stand in angle
  /// brackets there, and how the command tells them.
  public var finds: [Find] = []
  /// What the command reads from its standard input, with the same placeholders; nil for nothing.
  public var input: String?
  /// The commands by which a person waits for what the call began, one after the other.
  public var waits: [[String]] = []
  /// The file that a person keeps the whole answer in, for commands behind it.
  public var keeps: Kept?
  /// What the command takes from such files.
  public var takes: Taken?
  /// What a person has to know besides.
  public var remark: String?
  /// The code of a refusal that is an answer too: what was asked for is not there. Nil when it has to be.
  public var absence: String?
  /// Whether a person does in another way what this call is for, and does not make it.
  public internal(set) var isByProgramAlone = false

  /// Creates a call.
  public init(
    _ name: String, in place: String, effect: Effect, permissions: [CallPermission],
    command: [String], isOptional: Bool = false
  ) {
    self.name = name
    self.place = place
    self.effect = effect
    self.permissions = permissions
    self.command = command
    self.isOptional = isOptional
  }
}

/// Something that has to be allowed to whoever makes a call.
public struct CallPermission: Sendable, Codable, Hashable {
  /// Who allows it.
  public enum Authority: String, Sendable, Codable {
    /// IAM: actions on ARNs.
    case aws
    /// Kubernetes RBAC: verbs on resources.
    case kubernetes
  }

  /// A condition under which it is allowed.
  public struct Condition: Sendable, Codable, Hashable {
    /// The test: `StringEquals`.
    public let test: String
    /// What is tested: `aws:ResourceTag/mosaic-dr:run`.
    public let key: String
    /// What it is tested against.
    public let value: String

    /// Creates a condition.
    public init(test: String, key: String, value: String) {
      self.test = test
      self.key = key
      self.value = value
    }
  }

  /// Who allows it.
  public let authority: Authority
  /// An IAM action, `rds:DeleteDBInstance`; a verb of Kubernetes, `create`.
  public let action: String
  /// Patterns of ARNs; a group and a resource of Kubernetes, `velero.io/restores`.
  public let resources: [String]
  /// The namespace of Kubernetes; nil for all, and for AWS.
  public let namespace: String?
  /// Under which conditions.
  public let conditions: [Condition]

  /// Creates a permission.
  public init(
    _ authority: Authority, _ action: String, on resources: [String], namespace: String? = nil,
    conditions: [Condition] = []
  ) {
    self.authority = authority
    self.action = action
    self.resources = resources
    self.namespace = namespace
    self.conditions = conditions
  }
}
