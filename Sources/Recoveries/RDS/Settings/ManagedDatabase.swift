import AWSClient
import RunEngine

/// What has settings that a restore does not carry over.
enum DatabaseKind: Sendable {
  case instance
  /// An Aurora cluster.
  case cluster
}

/// An instance or a cluster that a run works on, as RDS describes it now.
struct ManagedDatabase: Sendable {
  let kind: DatabaseKind
  let identity: InstanceIdentity
  let status: String
  let settings: DatabaseSettings
  let details: DatabaseDetails
  let pendingChanges: [String]
  /// None of a cluster: how far its group is applied is a matter of its instances.
  let parameterGroups: [DBInstance.ParameterGroup]
  let engineVersion: String
  let subnetGroup: String?
  let tags: [String: String]
  let arn: String?
  /// Nil of a cluster.
  let instanceClass: String?
  let storageType: String?

  init(_ instance: DBInstance) {
    kind = .instance
    identity = InstanceIdentity(identifier: instance.identifier, resourceID: instance.resourceID)
    status = instance.status
    settings = instance.settings
    details = instance.details
    pendingChanges = instance.pendingChanges
    parameterGroups = instance.parameterGroups
    engineVersion = instance.engineVersion
    subnetGroup = instance.subnetGroup
    tags = instance.tags
    arn = instance.arn
    instanceClass = instance.instanceClass
    storageType = instance.storageType
  }

  init(_ cluster: DBCluster) {
    kind = .cluster
    identity = InstanceIdentity(identifier: cluster.identifier, resourceID: cluster.resourceID)
    status = cluster.status
    settings = cluster.settings
    details = cluster.details
    pendingChanges = cluster.pendingChanges
    parameterGroups = []
    engineVersion = cluster.engineVersion
    subnetGroup = cluster.subnetGroup
    tags = cluster.tags
    arn = cluster.arn
    instanceClass = nil
    storageType = nil
  }
}

extension AWSAccess {
  /// The instance or cluster that this run restored, after making sure that it is still that one.
  func own(
    _ kind: DatabaseKind, _ identity: InstanceIdentity, _ context: StepContext
  ) async throws -> ManagedDatabase {
    switch kind {
    case .instance: return ManagedDatabase(try await own(identity, context))
    case .cluster:
      guard let cluster = try await cluster(identity.identifier, context),
        cluster.resourceID == identity.resourceID
      else {
        throw RDSProblems.notOurs(
          identity.identifier, region: region,
          because: "the cluster that this run restored is gone or replaced")
      }
      return ManagedDatabase(cluster)
    }
  }

  func modify(
    _ kind: DatabaseKind, _ identifier: String, _ settings: DatabaseSettings,
    _ context: StepContext
  ) async throws {
    switch kind {
    case .instance:
      _ = try await send(ModifyDBInstance(identifier: identifier, settings: settings), context)
    case .cluster:
      _ = try await send(ModifyDBCluster(identifier: identifier, settings: settings), context)
    }
  }

  /// The group of that name; nil when the region has none.
  func parameterGroup(
    _ name: String, of kind: DatabaseKind, _ context: StepContext
  ) async throws -> DBParameterGroup? {
    do {
      return switch kind {
      case .instance: try await send(DescribeDBParameterGroups(name: name), context).first
      case .cluster: try await send(DescribeDBClusterParameterGroups(name: name), context).first
      }
    } catch let error as AWSError where error.code?.hasPrefix("DBParameterGroupNotFound") == true {
      return nil
    }
  }
}

/// The same calls as steps declare them.
extension AWSAccess {
  func planModify(
    _ kind: DatabaseKind, _ identifier: String, _ settings: DatabaseSettings, tags: TagRule,
    further: [IAMPermission], taking input: PlannedCall.Taken
  ) -> PlannedCall {
    switch kind {
    case .instance:
      plan(
        ModifyDBInstance(identifier: identifier, settings: settings), tags: tags, further: further
      )
      .taking(input).waiting(with: untilAvailable(identifier))
    case .cluster:
      plan(
        ModifyDBCluster(identifier: identifier, settings: settings), tags: tags, further: further
      )
      .taking(input).waiting(with: untilClusterAvailable(identifier))
    }
  }

  func planParameterGroup(
    _ name: String = "<parameter-group>", of kind: DatabaseKind, isOptional: Bool = false
  ) -> PlannedCall {
    switch kind {
    case .instance: plan(DescribeDBParameterGroups(name: name), isOptional: isOptional)
    case .cluster: plan(DescribeDBClusterParameterGroups(name: name), isOptional: isOptional)
    }
  }

  /// - Parameter name: what the command calls it when its ARN is not known before the run.
  func planTagging(
    _ kind: DatabaseKind, _ identifier: String, _ values: [String: String], tags: TagRule = .none,
    arn name: String, isOptional: Bool = false
  ) -> PlannedCall {
    let prefix = kind == .instance ? "db" : "cluster"
    let arn = AWSResource.regional("rds", "\(prefix):\(identifier)").pattern(in: region)
    return plan(AddTagsToResource(arn: arn, tags: values), tags: tags, isOptional: isOptional)
      .saying(name, insteadOf: arn)
  }

  func planLook(_ kind: DatabaseKind, _ identifier: String) -> PlannedCall {
    switch kind {
    case .instance: plan(DescribeDBInstances(identifier: identifier))
    case .cluster: plan(DescribeDBClusters(identifier: identifier))
    }
  }

  /// The calls by which it is looked at, in trouble too.
  func watch(_ kind: DatabaseKind, _ identifier: String) -> [PlannedCall] {
    [
      planLook(kind, identifier),
      plan(
        DescribeEvents(
          kind == .cluster ? .cluster : .instance, identifier, minutes: RDSProblems.eventMinutes)),
    ]
  }
}
