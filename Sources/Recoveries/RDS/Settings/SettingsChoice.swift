import AWSClient
import RunEngine
import RunJournal

/// Chooses the settings of what is brought back: what the plan states, and for the rest what was lost
/// had, as far as it can be had where it is brought back.
struct SettingsChoice: Sendable {
  let aws: AWSAccess
  let kind: DatabaseKind
  /// What the plan states.
  let stated: DatabaseSettings
  /// The step that looked at what is lost.
  let sourceStep: String

  /// The calls that choosing may make.
  var calls: [PlannedCall] { [aws.planParameterGroup(of: kind, isOptional: true)] }

  var holder: DatabaseSetting.Holder { kind == .cluster ? .cluster : .instance }
  /// How a person puts back what was lost had.
  var byHand: SourceByHand { SourceByHand(sourceStep: sourceStep) }
  /// What the source had that is not taken from it: a standby is made with the restore, since it takes
  /// long, and these groups are the plan's matter.
  var othersMatter: [PartialKeyPath<DatabaseSettings>] {
    [\.multiAZ, \.securityGroups, \.optionGroup]
  }

  /// What a change to the settings needs besides when a parameter group is taken over.
  var groupPermission: [IAMPermission] {
    guard stated.parameterGroup == nil else { return [] }
    return switch kind {
    case .instance: [IAMPermission(ModifyDBInstance.iamAction, [.regional("rds", "pg:*")])]
    case .cluster: [IAMPermission(ModifyDBCluster.iamAction, [.regional("rds", "cluster-pg:*")])]
    }
  }

  /// What taking over the role of monitoring needs, which no drill does.
  func rolePermission(in mode: RunMode) -> [IAMPermission] {
    guard kind == .instance, mode == .restore, stated.monitoringInterval == nil else { return [] }
    return [
      IAMPermission(
        "iam:PassRole", [.ofAccount("iam", "role/*")],
        [.init("StringEquals", "iam:PassedToService", "monitoring.rds.amazonaws.com")])
    ]
  }

  func source(_ context: StepContext) throws -> SourceRecord? {
    try context.output(of: sourceStep, as: ReadSource.Output.self).source
  }

  func settings(_ context: StepContext) async throws -> DatabaseSettings {
    guard let source = try source(context) else { return stated }
    var had = (context.mode == .drill ? source.settings.forDrill : source.settings)
      .without(othersMatter)
    if had.iamAuthentication == false { had.iamAuthentication = nil }
    if let group = had.parameterGroup, stated.parameterGroup == nil,
      try await aws.parameterGroup(group, of: kind, context) == nil
    {
      had.parameterGroup = nil
      context.note(
        Finding(
          .warning,
          "\(aws.region) has no parameter group \(group), which the instance that is lost had."))
    }
    var wanted = stated.filled(from: had)
    if wanted.monitoringRole == nil { wanted.monitoringInterval = stated.monitoringInterval }
    return wanted
  }

  /// What was lost may have had what cannot be had here: then the plan's own settings count.
  ///
  /// - Returns: the settings that were accepted, and the answer.
  func ask<Answer: Sendable>(
    for wanted: DatabaseSettings, _ context: StepContext,
    _ send: (DatabaseSettings) async throws -> Answer
  ) async throws -> (accepted: DatabaseSettings, answer: Answer) {
    do {
      return (wanted, try await send(wanted))
    } catch let error as AWSError
      where wanted != stated
      && (error.code?.hasPrefix("InvalidParameter") == true || error.code == "CertificateNotFound")
    {
      context.note(
        Finding(
          .warning,
          "Not all settings of the instance that is lost can be had here: \(error.reason)"))
      return (stated, try await send(stated))
    }
  }
}

extension DatabaseSettings {
  /// Without what costs money, needs rights of its own, or keeps the copy from being removed.
  var forDrill: DatabaseSettings {
    without([
      \.backupRetentionDays, \.backupWindow, \.monitoringInterval, \.monitoringRole, \.logExports,
      \.multiAZ, \.deletionProtection,
    ])
  }
}
