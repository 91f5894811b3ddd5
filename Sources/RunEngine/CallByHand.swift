/// What a person needs to know of a call besides its command: what is taken from its answer, what goes into
/// files and comes from them, what is waited for.
extension PlannedCall {
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

  /// The same call, with what a person takes from its answer.
  public func finding(_ finds: Find...) -> PlannedCall {
    with { $0.finds = finds }
  }

  /// The same call, whose command reads that.
  public func reading(_ input: String) -> PlannedCall {
    with { $0.input = input }
  }

  /// The same call, with the commands that wait for its end.
  public func waiting(with commands: [String]...) -> PlannedCall {
    with { $0.waits = commands }
  }

  /// The same call, whose answer is kept.
  public func keeping(_ kept: Kept) -> PlannedCall {
    with { $0.keeps = kept }
  }

  /// The same call, with what a person has to know besides.
  public func remarking(_ remark: String) -> PlannedCall {
    with { $0.remark = remark }
  }

  /// The same call, whose command takes input that is made of what was kept.
  public func taking(_ taken: Taken) -> PlannedCall {
    with { $0.takes = taken }
  }

  /// The same call as one that only a person makes: nothing has to be allowed to this program for it.
  public func byHandAlone() -> PlannedCall {
    with { $0.permissions = [] }
  }

  /// The same call as one that no person makes: another command does the work of thousands of them.
  public func byProgramAlone() -> PlannedCall {
    with { $0.isByProgramAlone = true }
  }

  /// The same call, which is no failure when it is refused with that code.
  public func mayFind(nothing code: String?) -> PlannedCall {
    with { $0.absence = code }
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
    with { call in call.command = command.map { $0 == pattern ? word : $0 } }
  }

  private func with(_ change: (inout PlannedCall) -> Void) -> PlannedCall {
    var call = self
    change(&call)
    return call
  }
}
