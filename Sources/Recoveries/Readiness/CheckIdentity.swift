import AWSClient
import Platform
import RunEngine

/// Whose credentials they are, and whether this machine's clock is right.
struct CheckIdentity: ReadinessCheck {
  static let kind = "readiness.credentials"
  /// From here on AWS may refuse signatures.
  static let suspiciousOffset: Duration = .seconds(60)

  let aws: AWSAccess

  var summary: String { "credentials" }
  var calls: [PlannedCall] { [aws.plan(GetCallerIdentity())] }

  func observe(_ context: StepContext) async throws -> Observation<[ReadinessRow]> {
    let identity = try await aws.send(GetCallerIdentity(), context)
    let offset = aws.client.clockOffset
    let isOff = offset > Self.suspiciousOffset || offset < .zero - Self.suspiciousOffset
    return .ready([
      ReadinessRow(nil, summary, .ready, "\(identity.arn), account \(identity.account)"),
      ReadinessRow(
        nil, "clock", isOff ? .warning : .ready,
        isOff ? "AWS's clock is \(offset.readable) off this machine's" : "agrees with AWS's",
        fix: isOff ? "Set this machine's clock: RPO and signatures depend on it." : nil),
    ])
  }
}
