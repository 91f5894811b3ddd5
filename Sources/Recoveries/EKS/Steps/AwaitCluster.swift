import AWSClient
import Platform
import RunEngine
import RunJournal

/// Waits until a cluster's API server is there.
struct AwaitCluster: ObservingStep {
  struct Output: Codable, Sendable {
    let arn: String
    let version: String?
    let issuer: String?
  }

  static let kind = "eks.cluster"
  static let phase = StepPhase.verify

  let aws: AWSAccess
  let cluster: String
  let minimumVersion: String?

  var summary: String { "check EKS cluster \(cluster)" }
  var calls: [PlannedCall] { [aws.plan(DescribeCluster(name: cluster))] }

  func observe(_ context: StepContext) async throws -> Observation<Output> {
    let found: EKSCluster
    do {
      found = try await aws.send(DescribeCluster(name: cluster), context)
    } catch let error as AWSError where error.code == "ResourceNotFoundException" {
      throw Problem(
        "the EKS cluster is not there", on: place, because: "EKS does not know it",
        fix: "Make it from its infrastructure code, or let the plan do it ('create').")
    }
    switch found.status {
    case "ACTIVE", "UPDATING": break
    case "FAILED", "DELETING":
      throw Problem(
        "the EKS cluster cannot be used", on: place, because: "its status is \(found.status)",
        fix: "Make another one from its infrastructure code.")
    default: return .waiting(Progress(found.status))
    }
    if let minimum = minimumVersion.flatMap(CheckRecoveryCluster.minor),
      let own = found.version.flatMap(CheckRecoveryCluster.minor), own < minimum
    {
      throw Problem(
        "the EKS cluster is too old", on: place,
        because: "it is \(found.version ?? ""), and the plan asks for \(minimumVersion ?? "")",
        fix: "Upgrade it, or correct 'minimumVersion'.")
    }
    // Without data of its own it loses none.
    context.note(
      Moment(
        .recoveryPoint, of: context.component, at: context.incident, evidence: .inferred,
        source: "a cluster holds no data of its own"))
    return .ready(Output(arn: found.arn, version: found.version, issuer: found.issuer))
  }

  private var place: String { "\(cluster) in \(aws.region)" }
}
