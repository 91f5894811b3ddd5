/// An option of an AWS CLI command.
public struct CommandOption: Sendable, Equatable {
  /// What stands behind the option's name.
  public enum Value: Sendable, Equatable {
    /// One word.
    case text(String)
    /// A truth value: `--name` or `--no-name`.
    case flag(Bool)
    /// Several words.
    case words([String])
    /// One word without an option's name before it.
    case operand(String)
    /// A secret, which the person gives on standard input: no command ever shows it.
    case secret
  }

  /// The parameter's name in the API.
  public let name: String
  /// What stands behind it.
  public let value: Value

  /// Creates an option.
  public init(_ name: String, _ value: Value) {
    self.name = name
    self.value = value
  }

  var words: [String] {
    let option = CommandLineForm.kebab(name)
    switch value {
    case .text(let text): return ["--\(option)", text]
    case .flag(let flag): return [flag ? "--\(option)" : "--no-\(option)"]
    case .words(let words): return ["--\(option)"] + words
    case .operand(let text): return [text]
    case .secret: return ["--\(option)", "file:///dev/stdin"]
    }
  }
}

extension AWSRequest {
  /// The same request as words of an AWS CLI command:
  /// `aws rds describe-db-instances --region us-west-2 --db-instance-identifier core`.
  public func commandLine(region: String) -> [String] {
    let head = ["aws", Self.service.commandName, CommandLineForm.kebab(Self.action)]
    return head + ["--region", region] + commandOptions.flatMap(\.words)
  }
}

/// How the AWS CLI derives its command and option names (botocore's `xform_name`).
enum CommandLineForm {
  static func kebab(_ name: String) -> String {
    let characters = Array(name)
    var words = ""
    for (index, character) in characters.enumerated() {
      let startsWord =
        index > 0 && character.isUppercase
        && (!characters[index - 1].isUppercase
          || (index + 1 < characters.count && characters[index + 1].isLowercase))
      words += (startsWord ? "-" : "") + character.lowercased()
    }
    return words
  }
}
