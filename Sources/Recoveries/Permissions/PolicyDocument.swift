import Platform
public import RunEngine
public import StrictJSON

/// The least-privilege IAM policy for some calls: what the calls declare, put together.
public struct PolicyDocument: Sendable {
  private let permissions: [CallPermission]
  private let account: String?

  /// The most characters that IAM takes for a managed policy, white space not counted.
  public static let longestManagedPolicy = 6_144

  /// Gathers the permissions of calls.
  ///
  /// - Parameters:
  ///   - names: parts of names that belong to one run, which a policy has a wildcard for.
  ///   - account: the only account whose resources are meant; nil for any.
  public init(allowing calls: [PlannedCall], withoutNames names: [String], account: String?) {
    self.account = account
    permissions = calls.flatMap(\.permissions).filter { $0.authority == .aws }.map { permission in
      CallPermission(
        .aws, permission.action,
        on: permission.resources.map { resource in
          names.reduce(resource) { $0.replacingAll($1, with: "*") }.ofAccount(account)
        }, conditions: permission.conditions)
    }
  }

  /// The actions, sorted.
  public var actions: [String] { Set(permissions.map(\.action)).sorted() }

  /// The document. Statements are sorted, so that the same plan gives the same text.
  public var json: JSONValue {
    // An action's resources under the same conditions belong together, and so do actions on the same
    // resources.
    var resources: [Key: Set<String>] = [:]
    for permission in permissions where permission.action != Self.needless {
      resources[Key(action: permission.action, conditions: permission.conditions), default: []]
        .formUnion(permission.resources)
    }
    let statements = Dictionary(grouping: resources) { entry in
      Scope(resources: Self.widest(entry.value), conditions: entry.key.conditions)
    }
    let sorted = statements.map { scope, entries in
      (actions: entries.map(\.key.action).sorted(), scope: scope)
    }.sorted { ($0.actions.joined(), $0.scope.order) < ($1.actions.joined(), $1.scope.order) }
    return [
      "Version": "2012-10-17",
      "Statement": .array(sorted.enumerated().map { Self.statement($0, $1.actions, $1.scope) }),
    ]
  }

  /// How many characters IAM counts: white space does not.
  public var length: Int {
    json.prettyText().count { !$0.isWhitespace }
  }

  /// Everybody may ask who they are.
  private static let needless = "sts:GetCallerIdentity"

  private struct Key: Hashable {
    let action: String
    let conditions: [CallPermission.Condition]
  }

  private struct Scope: Hashable {
    let resources: [String]
    let conditions: [CallPermission.Condition]

    /// What tells statements of the same action apart.
    var order: String {
      conditions.map { "\($0.test) \($0.key) \($0.value)" }.joined(separator: "\n")
    }
  }

  private static func widest(_ resources: Set<String>) -> [String] {
    resources.contains("*") ? ["*"] : resources.sorted()
  }

  private static func statement(
    _ number: Int, _ actions: [String], _ scope: Scope
  ) -> JSONValue {
    var statement: JSONObject = [
      "Sid": .string("MosaicDr\(number + 1)"), "Effect": "Allow",
      "Action": .array(actions.map { .string($0) }),
      "Resource": .array(scope.resources.map { .string($0) }),
    ]
    if !scope.conditions.isEmpty {
      var tests = JSONObject()
      for condition in scope.conditions {
        var keys = tests[condition.test]?.objectValue ?? [:]
        keys[condition.key] = .string(condition.value)
        tests[condition.test] = .object(keys)
      }
      statement["Condition"] = .object(tests)
    }
    return .object(statement)
  }
}

extension String {
  fileprivate func ofAccount(_ account: String?) -> String {
    guard let account else { return self }
    var parts = split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false)
    guard parts.count == 6, parts[4] == "*" else { return self }
    parts[4] = Substring(account)
    return parts.joined(separator: ":")
  }
}
