import AWSClient
import RunEngine

/// Whether the account may have one more instance in the recovery region.
struct CheckQuotas: ReadinessCheck {
  static let kind = "readiness.rds.quotas"
  /// Fewer than this left is worth a look: other recoveries need room too.
  static let comfortable = 3

  let aws: AWSAccess
  let component: String

  var summary: String { "quotas" }
  var calls: [PlannedCall] { [aws.plan(DescribeAccountAttributes())] }

  func observe(_ context: StepContext) async throws -> Observation<[ReadinessRow]> {
    let quotas = try await aws.send(DescribeAccountAttributes(), context)
    guard let instances = quotas.first(where: { $0.name == "DBInstances" }) else {
      return .ready([
        ReadinessRow(
          component, summary, .warning, "RDS does not say how many instances there may be",
          fix: "Look at Service Quotas for RDS in \(aws.region).")
      ])
    }
    let detail = "\(instances.used) of \(instances.maximum) instances in \(aws.region)"
    let fix =
      "Ask for a higher quota (Service Quotas, rds, DB instances), or delete what is not needed."
    switch instances.left {
    case ..<1: return .ready([ReadinessRow(component, summary, .notReady, detail, fix: fix)])
    case ..<Self.comfortable:
      return .ready([ReadinessRow(component, summary, .warning, detail, fix: fix)])
    default: return .ready([ReadinessRow(component, summary, .ready, detail)])
    }
  }
}
