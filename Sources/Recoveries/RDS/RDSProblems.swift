import AWSClient
import Platform
import RunEngine

/// Errors that several steps for RDS share.
enum RDSProblems {
  /// How far back RDS's events are asked for.
  static let eventMinutes = 24 * 60

  static func notEncrypted(_ what: String, region: String) -> Problem {
    Problem(
      "the recovery point is not encrypted", on: "\(what) in \(region)",
      because: "the plan demands encryption, and a restore cannot add it",
      fix: "Copy the snapshot with a KMS key (CopyDBSnapshot) and restore the copy, or set "
        + "'encrypted: any' in the plan.")
  }

  /// An instance that a person has to look at, with RDS's own words about why.
  static func stuck(
    _ instance: DBInstance, _ aws: AWSAccess, _ context: StepContext
  ) async -> Problem {
    await stuck(ManagedDatabase(instance), aws, context)
  }

  /// A cluster that a person has to look at.
  static func stuck(_ cluster: DBCluster, _ aws: AWSAccess, _ context: StepContext) async -> Problem
  {
    await stuck(ManagedDatabase(cluster), aws, context)
  }

  /// Whichever of the two it is.
  static func stuck(
    _ database: ManagedDatabase, _ aws: AWSAccess, _ context: StepContext
  ) async -> Problem {
    await stuck(
      database.kind == .cluster ? .cluster : .instance, database.identity.identifier,
      "\(database.identity.identifier) (\(database.identity.resourceID))",
      status: database.status, aws, context)
  }

  /// A snapshot that will never be complete.
  static func stuck(
    _ snapshot: DBSnapshot, _ aws: AWSAccess, _ context: StepContext
  ) async -> Problem {
    await stuck(
      .snapshot, snapshot.identifier, "snapshot \(snapshot.identifier)", status: snapshot.status,
      aws, context)
  }

  private static func stuck(
    _ kind: DescribeEvents.Source, _ identifier: String, _ what: String, status: String,
    _ aws: AWSAccess, _ context: StepContext
  ) async -> Problem {
    let words = await events(DescribeEvents(kind, identifier, minutes: eventMinutes), aws, context)
    let noun = kind.rawValue.dropFirst(3)
    return Problem(
      "the \(noun) does not become usable", on: "\(what) in \(aws.region)",
      because: "its status is '\(status)'" + (words.isEmpty ? "" : "; \(words)"),
      fix: remedy(for: status))
  }

  /// What RDS says about it, or why it could not be asked.
  private static func events(
    _ request: DescribeEvents, _ aws: AWSAccess, _ context: StepContext
  ) async -> String {
    do {
      let events = try await aws.send(request, context)
      let words = events.suffix(3).map(\.message).joined(separator: "; ")
      return words.isEmpty ? "" : "RDS says: \(words)"
    } catch {
      let reason = (error as? any ExplainedError)?.reason ?? "\(error)"
      return "RDS's events could not be read: \(reason)"
    }
  }

  static func notOurs(_ identifier: String, region: String, because reason: String) -> Problem {
    Problem(
      "an instance is not the one this run made", on: "\(identifier) in \(region)",
      because: "\(reason); it was left alone",
      fix: "Look at the instance and its tags; delete it by hand if nobody needs it.")
  }

  private static func remedy(for status: String) -> String {
    switch status {
    case "incompatible-network":
      "Free addresses in the subnets of the plan's subnet group, or name another group."
    case "incompatible-parameters", "incompatible-option-group":
      "Mend the parameter or option group that the plan names."
    case _ where status.hasPrefix("inaccessible-encryption-credentials"):
      "Enable the KMS key in the recovery region and allow RDS to use it."
    case "insufficient-capacity": "Choose another instance class or zone."
    case "storage-full": "Give the target more storage."
    default: "Read RDS's events for the instance; choose another recovery point if it is damaged."
    }
  }
}
