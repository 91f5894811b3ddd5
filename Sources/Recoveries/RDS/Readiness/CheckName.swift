import AWSClient
import RunEngine

/// Whether the name that the plan gives a restored instance is free.
struct CheckName: ReadinessCheck {
  static let kind = "readiness.rds.name"

  let aws: AWSAccess
  let component: String
  let identifier: String

  var summary: String { "name of the restored instance" }
  var calls: [PlannedCall] { [aws.plan(DescribeDBInstances(identifier: identifier))] }

  func observe(_ context: StepContext) async throws -> Observation<[ReadinessRow]> {
    guard let instance = try await aws.instance(identifier, context) else {
      return .ready([
        ReadinessRow(component, summary, .ready, "\(identifier) is free in \(aws.region)")
      ])
    }
    let maker = instance.tags[OwnershipTags.run].map { ", made by run \($0)" } ?? ""
    return .ready([
      ReadinessRow(
        component, summary, .notReady,
        "\(identifier) is taken in \(aws.region) by \(instance.resourceID)\(maker)",
        fix: "Name another in the plan's target, or rename or delete the instance.")
    ])
  }
}
