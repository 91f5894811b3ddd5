import AWSClient

/// The instance a run brought back, as later steps and the report need it.
struct InstanceRecord: Sendable, Codable, Equatable {
  let identifier: String
  let resourceID: String
  let region: String
  let address: String
  let port: Int
  let engineVersion: String
  let instanceClass: String

  var identity: InstanceIdentity {
    InstanceIdentity(identifier: identifier, resourceID: resourceID)
  }
}

/// The unchanging identity of an instance, next to the name it goes by.
struct InstanceIdentity: Sendable, Codable, Equatable {
  let identifier: String
  let resourceID: String
}
