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
  public private(set) var permissions: [CallPermission]
  /// The command by which a person makes the same call, word by word. Words in angle brackets stand
  /// for what is found out on the way.
  public private(set) var command: [String]
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

  /// Something that the answer of a call tells.
  public struct Find: Sendable, Codable, Equatable {
    /// The words that stand for it in later calls: `automated backups`.
    public let what: String
    /// What makes the command print that, and nothing else.
    public let options: [String]
    /// Whether it stands in the last of several lines.
    public let isLast: Bool

    /// What a JMESPath query of the AWS command line gives.
    public init(_ what: String, at query: String) {
      self.what = what
      options = ["--query", query, "--output", "text"]
      isLast = false
    }

    /// What the last line of a JSONPath template of kubectl gives.
    public init(_ what: String, atLastOf template: String) {
      self.what = what
      options = ["--output", "jsonpath=\(template)"]
      isLast = true
    }
  }

  /// An answer that goes into a file.
  public struct Kept: Sendable, Codable, Equatable {
    /// The file's name.
    public let file: String
    /// What the command is given so that it does not wait long for who may be gone.
    public let options: [String]
    /// What the file holds when nobody answers; nil when there has to be an answer.
    public let otherwise: String?

    /// Creates what goes into a file.
    public init(in file: String, options: [String] = [], otherwise: String? = nil) {
      self.file = file
      self.options = options
      self.otherwise = otherwise
    }
  }

  /// Input that is made from answers that were kept.
  public struct Taken: Sendable, Codable, Equatable {
    /// The files with the answers.
    public let files: [String]
    /// The jq program that makes the input of them; of several files it sees a list.
    public let program: String
    /// The file that it goes into, as the input of the AWS command line.
    public let file: String
    /// Whether there is nothing to be done when the program gives nothing.
    public let mayBeNothing: Bool

    /// Creates an input.
    public init(
      of files: [String], by program: String, in file: String, mayBeNothing: Bool = false
    ) {
      self.files = files
      self.program = program
      self.file = file
      self.mayBeNothing = mayBeNothing
    }
  }

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

  /// The same call, with what a person takes from its answer.
  public func finding(_ finds: Find...) -> PlannedCall {
    var call = self
    call.finds = finds
    return call
  }

  /// The same call, whose command reads that.
  public func reading(_ input: String) -> PlannedCall {
    var call = self
    call.input = input
    return call
  }

  /// The same call, with the commands that wait for its end.
  public func waiting(with commands: [String]...) -> PlannedCall {
    var call = self
    call.waits = commands
    return call
  }

  /// The same call, whose answer is kept.
  public func keeping(_ kept: Kept) -> PlannedCall {
    var call = self
    call.keeps = kept
    return call
  }

  /// The same call, with what a person has to know besides.
  public func remarking(_ remark: String) -> PlannedCall {
    var call = self
    call.remark = remark
    return call
  }

  /// The same call, whose command takes input that is made of what was kept.
  public func taking(_ taken: Taken) -> PlannedCall {
    var call = self
    call.takes = taken
    return call
  }

  /// The same call as one that only a person makes: nothing has to be allowed to this program for it.
  public func byHandAlone() -> PlannedCall {
    var call = self
    call.permissions = []
    return call
  }

  /// The same call with every word put differently, also those in files' names.
  public func mapping(_ transform: (String) -> String) -> PlannedCall {
    var call = self
    call.command = command.map(transform)
    call.input = input.map(transform)
    call.remark = remark.map(transform)
    call.waits = waits.map { $0.map(transform) }
    call.keeps = keeps.map {
      Kept(in: transform($0.file), options: $0.options, otherwise: $0.otherwise)
    }
    call.takes = takes.map {
      Taken(
        of: $0.files.map(transform), by: $0.program, in: transform($0.file),
        mayBeNothing: $0.mayBeNothing)
    }
    return call
  }

  /// The same call, whose command says something in other words than its permissions do.
  public func saying(_ word: String, insteadOf pattern: String) -> PlannedCall {
    var call = self
    call.command = command.map { $0 == pattern ? word : $0 }
    return call
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
