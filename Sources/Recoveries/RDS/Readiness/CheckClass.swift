import AWSClient
import RunEngine

/// Whether the recovery region offers the instance class for the engine's version.
struct CheckClass: ReadinessCheck {
  static let kind = "readiness.rds.class"

  let aws: AWSAccess
  let component: String
  let instanceClass: String?
  let multiAZ: Bool
  let pointStep: String

  var summary: String { "instance class" }
  var calls: [PlannedCall] {
    instanceClass.map {
      [
        aws.plan(
          DescribeOrderableDBInstanceOptions(
            engine: "<engine>", version: "<version>", instanceClass: $0))
      ]
    } ?? []
  }

  func observe(_ context: StepContext) async throws -> Observation<[ReadinessRow]> {
    guard let instanceClass else {
      return .ready([
        ReadinessRow(
          component, summary, .warning, "the plan leaves the class to the source",
          fix: "Name the class in the plan's target, so that its offer can be checked.")
      ])
    }
    let point = try context.output(of: pointStep, as: PointEngine.self)
    let version = point.engineVersion.isEmpty ? nil : point.engineVersion
    let request = DescribeOrderableDBInstanceOptions(
      engine: point.engine, version: version, instanceClass: instanceClass)
    let options = try await aws.send(request, context)
    let wanted = "\(instanceClass) for \(point.engine) \(point.engineVersion)"
    let fitting = options.filter { !multiAZ || $0.isMultiAZCapable }
    guard !fitting.isEmpty else {
      return .ready([
        ReadinessRow(
          component, summary, .notReady,
          "\(aws.region) does not offer \(wanted)\(options.isEmpty ? "" : " with a standby")",
          fix: "Choose a class that the region offers "
            + "(aws rds describe-orderable-db-instance-options --region \(aws.region)).")
      ])
    }
    let zones = Set(fitting.flatMap(\.zones)).sorted()
    return .ready([
      ReadinessRow(
        component, summary, .ready,
        "\(wanted)\(zones.isEmpty ? "" : " in \(zones.joined(separator: ", "))")")
    ])
  }
}
