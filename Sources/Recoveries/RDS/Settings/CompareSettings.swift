import AWSClient
import Platform
import RunEngine
import RunJournal

/// Holds what was restored against what is lost, and against the network that the plan names: what
/// still differs is a finding.
struct CompareSettings: ObservingStep {
  struct Output: Codable, Sendable {
    let differences: [String]
  }

  static let kind = "rds.compare-settings"
  static let phase = StepPhase.verify

  let aws: AWSAccess
  var kind = DatabaseKind.instance
  let instanceStep: String
  let sourceStep: String
  /// Where the plan has it lie; somewhere else, those who use it may not reach it.
  let subnetGroup: String
  let planned: PlannedInstance
  /// Settings that a later step brings.
  var comesLater: [any PartialKeyPath<DatabaseSettings> & Sendable] = []

  var summary: String { "compare \(planned.identifier) with what is lost" }
  var calls: [PlannedCall] { aws.watch(kind, planned.identifier) }

  func observe(_ context: StepContext) async throws -> Observation<Output> {
    let identity = try context.output(of: instanceStep, as: InstanceIdentity.self)
    let restored = try await aws.own(kind, identity, context)
    if let found = restored.subnetGroup, found.lowercased() != subnetGroup.lowercased() {
      context.note(
        Finding(
          .warning, "\(identity.identifier) lies in subnet group \(found), not in \(subnetGroup)."))
    }
    for group in restored.parameterGroups where group.applyStatus != "in-sync" {
      context.note(
        Finding(
          .warning,
          "\(identity.identifier): \(group.standing): not all of its parameters are in force."))
    }
    guard let source = try context.output(of: sourceStep, as: ReadSource.Output.self).source else {
      return .ready(Output(differences: []))
    }
    let differences = Self.differences(
      of: restored, from: source, without: comesLater, mode: context.mode)
    if !differences.isEmpty {
      context.note(
        Finding(
          .warning,
          "\(identity.identifier) differs from the \(kind == .cluster ? "cluster" : "instance") "
            + "that is lost, as it was at \(source.seenAt): \(differences.joined(separator: "; "))."
        ))
    }
    return .ready(Output(differences: differences))
  }

  /// A drill's copy is meant to lack what costs or protects.
  static func differences(
    of restored: ManagedDatabase, from source: SourceRecord,
    without others: [PartialKeyPath<DatabaseSettings>], mode: RunMode
  ) -> [String] {
    // Security groups are those of another region, or of production.
    let wanted = (mode == .drill ? source.settings.forDrill : source.settings)
      .without(others + [\.securityGroups])
    var differences = wanted.differences(from: restored.settings)
    func compare(_ what: String, _ found: String?, _ expected: String?) {
      guard let expected, found != expected else { return }
      differences.append("\(what) is \(found ?? "not set"), not \(expected)")
    }
    compare("class", restored.instanceClass, source.instance?.instanceClass)
    compare("engine version", restored.engineVersion, source.engineVersion)
    compare("storage type", restored.storageType, source.storageType)
    differences += source.details?.differences(from: restored.details) ?? []
    let missing =
      mode == .drill ? [:] : source.ownTags.filter { restored.tags[$0.key] != $0.value }
    if !missing.isEmpty {
      differences.append(
        "tags are missing: \(missing.keys.sorted().joined(separator: ", "))")
    }
    return differences
  }
}
