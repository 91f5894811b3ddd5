import AWSClient
import Platform
import RunEngine

/// Asks IAM whether it would allow every call that the plan's steps declare.
///
/// What IAM cannot be asked about is left to the checks that read: they fail by themselves. Policies of
/// resources and of organizations are not part of the answer.
struct CheckPermissions: ReadinessCheck {
  static let kind = "readiness.permissions"

  let aws: AWSAccess
  /// The calls to be allowed.
  let planned: [PlannedCall]

  init(aws: AWSAccess, calls: [PlannedCall]) {
    self.aws = aws
    planned = calls
  }

  var summary: String { "permissions" }
  var calls: [PlannedCall] {
    let request = SimulatePrincipalPolicy(
      principal: "<principal>", actions: [], resources: [], context: [])
    return [aws.plan(GetCallerIdentity()), aws.plan(request)]
  }

  func observe(_ context: StepContext) async throws -> Observation<[ReadinessRow]> {
    let identity = try await aws.send(GetCallerIdentity(), context)
    guard let principal = Self.principal(of: identity.arn) else {
      return .ready([
        ReadinessRow(
          nil, summary, .warning, "IAM cannot be asked about \(identity.arn)",
          fix: "Use a user or a role; 'mosaic-dr permissions' prints what it needs.")
      ])
    }
    do {
      let denied = try await denied(to: principal, context)
      return .ready(denied.isEmpty ? [allowed] : denied.map(row))
    } catch let error as AWSError where Self.cannotAsk(error) {
      return .ready([
        ReadinessRow(
          nil, summary, .warning, "not simulated: \(error.reason)",
          fix:
            "Allow iam:SimulatePrincipalPolicy to this identity, or rely on the checks that read.")
      ])
    }
  }

  /// Permissions of the same kind are asked about together.
  private func denied(to principal: String, _ context: StepContext) async throws -> [String] {
    let questions = Dictionary(
      grouping: Set(planned.flatMap(\.permissions).filter { $0.authority == .aws })
    ) { Question(resources: $0.resources, conditions: $0.conditions) }
    return try await withThrowingTaskGroup(of: [String].self) { group in
      for (question, permissions) in questions {
        let request = SimulatePrincipalPolicy(
          principal: principal, actions: Set(permissions.map(\.action)).sorted(),
          resources: question.resources.map { $0.replacingAccount(of: principal) },
          context: question.conditions.map { ($0.key, $0.sample(run: context.run.description)) })
        group.addTask {
          try await aws.send(request, context).filter { !$0.isAllowed }.map(\.action)
        }
      }
      var denied: Set<String> = []
      for try await actions in group { denied.formUnion(actions) }
      return denied.sorted()
    }
  }

  private struct Question: Hashable {
    let resources: [String]
    let conditions: [CallPermission.Condition]
  }

  private var allowed: ReadinessRow {
    let count = Set(planned.flatMap(\.permissions).map(\.action)).count
    return ReadinessRow(nil, summary, .ready, "\(count) actions are allowed")
  }

  private func row(_ action: String) -> ReadinessRow {
    ReadinessRow(
      nil, summary, .notReady, "\(action) is not allowed",
      fix: "Allow it; 'mosaic-dr permissions' prints the whole policy.")
  }

  /// IAM knows users and roles, not the sessions of roles.
  static func principal(of arn: String) -> String? {
    let parts = arn.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false)
    guard parts.count == 6 else { return nil }
    if parts[2] == "iam" { return parts[5] == "root" ? nil : arn }
    let names = parts[5].split(separator: "/")
    guard parts[2] == "sts", names.count >= 2, names[0] == "assumed-role" else { return nil }
    return "arn:\(parts[1]):iam::\(parts[4]):role/\(names[1])"
  }

  private static func cannotAsk(_ error: AWSError) -> Bool {
    [
      "AccessDenied", "AccessDeniedException", "NoSuchEntity", "NotImplemented", "InvalidAction",
    ].contains(error.code ?? "")
      || { if case .notSent = error.cause { true } else { false } }()
  }
}

extension String {
  /// The pattern of an ARN with the account of another ARN.
  fileprivate func replacingAccount(of other: String) -> String {
    var parts = split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false)
    let others = other.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false)
    guard parts.count == 6, parts[4] == "*", others.count == 6 else { return self }
    parts[4] = others[4]
    return parts.joined(separator: ":")
  }
}

extension CallPermission.Condition {
  /// A value that satisfies the condition.
  fileprivate func sample(run: String) -> String { test == "Null" ? run : value }
}
