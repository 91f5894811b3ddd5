import AWSClient
import Platform
import RunEngine
import RunJournal

/// Checks the Multi-AZ instance whose standby is to take over.
struct SelectInstance: ObservingStep {
  typealias Output = InstanceRecord

  static let kind = "rds.select-instance"
  static let phase = StepPhase.prepare

  let aws: AWSAccess
  let instance: String

  var summary: String { "check that \(instance) has a standby" }
  var calls: [PlannedCall] { aws.watch(instance) }

  func observe(_ context: StepContext) async throws -> Observation<InstanceRecord> {
    guard let found = try await aws.instance(instance, context) else {
      throw refusal(
        "the region has no instance of that name",
        fix: "Correct the name, or choose a way back that needs no instance.")
    }
    if DBInstanceStatus(found.status) == .stuck {
      throw await RDSProblems.stuck(found, aws, context)
    }
    guard found.isMultiAZ else {
      throw refusal(
        "it is not Multi-AZ", fix: "Choose another way back; make it Multi-AZ for the next time.")
    }
    guard let endpoint = found.endpoint else { return .waiting(Progress("no endpoint yet")) }
    if let queue = found.queue {
      context.note(
        Finding(
          .warning,
          "\(queue). The fail-over does not wait for them; it begins with a reboot, which may bring some "
            + "into force."))
    }
    return .ready(
      InstanceRecord(
        identifier: found.identifier, resourceID: found.resourceID, region: aws.region,
        address: endpoint.address, port: endpoint.port, engineVersion: found.engineVersion,
        instanceClass: found.instanceClass))
  }

  private func refusal(_ reason: String, fix: String) -> Problem {
    Problem(
      "no standby can take over", on: "\(instance) in \(aws.region)", because: reason, fix: fix)
  }
}
