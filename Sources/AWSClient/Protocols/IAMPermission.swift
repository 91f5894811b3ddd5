/// What a call touches, as IAM policies name it.
///
/// A name may hold placeholders in angle brackets for what is found out only when the call is made:
/// `<snapshot>`. A policy has a wildcard there.
public struct AWSResource: Sendable, Hashable {
  private let service: String
  private let hasRegion: Bool
  private let hasAccount: Bool
  private let name: String

  private init(_ service: String, _ name: String, hasRegion: Bool, hasAccount: Bool) {
    self.service = service
    self.name = name
    self.hasRegion = hasRegion
    self.hasAccount = hasAccount
  }

  /// Anything: for calls whose resources cannot be named.
  public static let any = AWSResource("", "*", hasRegion: false, hasAccount: false)

  /// `arn:aws:rds:us-west-2:123456789012:db:core`
  public static func regional(_ service: String, _ name: String) -> AWSResource {
    AWSResource(service, name, hasRegion: true, hasAccount: true)
  }

  /// `arn:aws:iam::123456789012:role/monitoring`
  public static func ofAccount(_ service: String, _ name: String) -> AWSResource {
    AWSResource(service, name, hasRegion: false, hasAccount: true)
  }

  /// `arn:aws:s3:::bucket`, `arn:aws:route53:::hostedzone/Z1`
  public static func global(_ service: String, _ name: String) -> AWSResource {
    AWSResource(service, name, hasRegion: false, hasAccount: false)
  }

  /// A resource by its ARN.
  public static func arn(_ arn: String) -> AWSResource {
    AWSResource("", arn, hasRegion: false, hasAccount: false)
  }

  /// A resource that is given by its name or by its ARN.
  public static func regional(
    _ service: String, _ prefix: String, nameOrARN name: String
  ) -> AWSResource {
    name.hasPrefix("arn:") ? .arn(name) : .regional(service, prefix + name)
  }

  /// The ARN pattern for the `Resource` element of a policy; any account's, since a plan does not name
  /// its account.
  public func pattern(in region: String) -> String {
    let name = Self.withoutPlaceholders(name)
    guard !service.isEmpty else { return name }
    return "arn:\(Partition(of: region).name):\(service):\(hasRegion ? region : ""):"
      + "\(hasAccount ? "*" : ""):\(name)"
  }

  private static func withoutPlaceholders(_ text: String) -> String {
    var pattern = ""
    var isInside = false
    for character in text {
      switch character {
      case "<":
        isInside = true
        if pattern.last != "*" { pattern.append("*") }
      case ">" where isInside: isInside = false
      default: if !isInside { pattern.append(character) }
      }
    }
    return pattern
  }
}

/// A permission that a call needs.
public struct IAMPermission: Sendable, Equatable {
  /// The IAM action: `rds:DeleteDBInstance`.
  public let action: String
  /// What it may be done to.
  public let resources: [AWSResource]
  /// Under which conditions.
  public let conditions: [Condition]

  /// A condition of a policy's statement.
  public struct Condition: Sendable, Hashable, Comparable {
    /// `StringEquals`, `Null` ….
    public let test: String
    /// The key: `aws:ResourceTag/mosaic-dr:run`.
    public let key: String
    /// The value.
    public let value: String

    /// Creates a condition.
    public init(_ test: String, _ key: String, _ value: String) {
      self.test = test
      self.key = key
      self.value = value
    }

    public static func < (left: Condition, right: Condition) -> Bool {
      (left.test, left.key, left.value) < (right.test, right.key, right.value)
    }
  }

  /// Creates a permission.
  public init(_ action: String, _ resources: [AWSResource], _ conditions: [Condition] = []) {
    self.action = action
    self.resources = resources
    self.conditions = conditions
  }
}
