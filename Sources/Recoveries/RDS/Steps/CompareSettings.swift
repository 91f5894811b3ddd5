import AWSClient
import Platform
import RunEngine
import RunJournal

/// Holds what was restored against the instance that is lost: what still differs is a finding.
struct CompareSettings: ObservingStep {
  struct Output: Codable, Sendable {
    let differences: [String]
  }

  static let kind = "rds.compare-settings"
  static let phase = StepPhase.verify

  let aws: AWSAccess
  let instanceStep: String
  let sourceStep: String
  let planned: PlannedInstance

  var summary: String { "compare the instance with the one that is lost" }
  var calls: [PlannedCall] { aws.watch(planned.identifier) }

  func observe(_ context: StepContext) async throws -> Observation<Output> {
    guard let source = try context.output(of: sourceStep, as: ReadSource.Output.self).source else {
      return .ready(Output(differences: []))
    }
    let record = try context.output(of: instanceStep, as: InstanceRecord.self)
    let restored = try await aws.own(record.identity, context)
    let differences = Self.differences(of: restored, from: source, mode: context.mode)
    if !differences.isEmpty {
      context.note(
        Finding(
          .warning,
          "\(restored.identifier) differs from the instance that is lost, as it was at "
            + "\(source.seenAt): \(differences.joined(separator: "; "))."))
    }
    return .ready(Output(differences: differences))
  }

  /// A drill's copy is meant to lack what costs or protects.
  static func differences(
    of restored: DBInstance, from source: SourceRecord, mode: RunMode
  ) -> [String] {
    var wanted = source.settings
    var differences: [String] = []
    if mode == .drill {
      wanted = wanted.forDrill
    } else if source.isDeletionProtected != restored.isDeletionProtected {
      differences.append(
        "deletion protection is \(restored.isDeletionProtected ? "on" : "off")")
    }
    differences += wanted.differences(from: restored.settings)
    func compare(_ what: String, _ found: String?, _ expected: String?) {
      guard let expected, found != expected else { return }
      differences.append("\(what) is \(found ?? "not set"), not \(expected)")
    }
    compare("class", restored.instanceClass, source.instance?.instanceClass)
    compare("engine version", restored.engineVersion, source.instance?.engineVersion)
    compare("storage type", restored.storageType, source.storageType)
    compare(
      "log exports", restored.logExports.sorted().joined(separator: ", "),
      source.logExports.isEmpty ? nil : source.logExports.sorted().joined(separator: ", "))
    let missing = source.tags.filter { key, value in
      !key.hasPrefix("aws:") && !key.hasPrefix("mosaic-dr:") && restored.tags[key] != value
    }
    if !missing.isEmpty {
      differences.append(
        "tags are missing: \(missing.keys.sorted().joined(separator: ", "))")
    }
    return differences
  }
}

extension InstanceSettings {
  /// Without what costs money, or keeps the copy from being removed.
  var forDrill: InstanceSettings {
    var settings = self
    settings.backupRetentionDays = nil
    settings.backupWindow = nil
    settings.multiAZ = nil
    return settings
  }

  /// What is left open here, taken from another.
  func filled(from other: InstanceSettings) -> InstanceSettings {
    var filled = self
    filled.backupRetentionDays = backupRetentionDays ?? other.backupRetentionDays
    filled.backupWindow = backupWindow ?? other.backupWindow
    filled.maintenanceWindow = maintenanceWindow ?? other.maintenanceWindow
    filled.monitoringInterval = monitoringInterval ?? other.monitoringInterval
    filled.monitoringRole = monitoringRole ?? other.monitoringRole
    filled.performanceInsights = performanceInsights ?? other.performanceInsights
    filled.maxAllocatedStorage = maxAllocatedStorage ?? other.maxAllocatedStorage
    filled.caCertificate = caCertificate ?? other.caCertificate
    filled.autoMinorVersionUpgrade = autoMinorVersionUpgrade ?? other.autoMinorVersionUpgrade
    filled.parameterGroup = parameterGroup ?? other.parameterGroup
    filled.iamAuthentication = iamAuthentication ?? other.iamAuthentication
    filled.multiAZ = multiAZ ?? other.multiAZ
    return filled
  }
}
