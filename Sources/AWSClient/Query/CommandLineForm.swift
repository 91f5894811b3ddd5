extension AWSRequest {
  /// The same request as words of an AWS CLI command:
  /// `aws rds describe-db-instances --region us-west-2 --db-instance-identifier core`.
  public func commandLine(region: String) -> [String] {
    var words = ["aws", Self.service.endpointPrefix, CommandLineForm.kebab(Self.action)]
    words += ["--region", region]
    for (name, value) in parameters.entries {
      let option = CommandLineForm.kebab(name)
      switch value {
      case .scalar(let text): words += ["--\(option)", text]
      case .flag(let flag): words.append(flag ? "--\(option)" : "--no-\(option)")
      case .list(let values, _): words += ["--\(option)"] + values
      case .tags(let tags):
        words += ["--tags"]
        words += tags.sorted { $0.key < $1.key }.map { "Key=\($0.key),Value=\($0.value)" }
      }
    }
    return words
  }

  /// The IAM action: `rds:DescribeDBInstances`.
  public static var iamAction: String { "\(service.endpointPrefix):\(action)" }
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
