import Platform

extension AWSCredentials {
  /// Reads STS's `Credentials` element.
  init(_ result: XMLElement, of action: String, source: String) throws {
    let element = result.child("Credentials") ?? XMLElement(name: "Credentials")
    self.init(
      accessKeyID: try element.required("AccessKeyId", of: action),
      secretAccessKey: Secret(try element.required("SecretAccessKey", of: action)),
      sessionToken: Secret(try element.required("SessionToken", of: action)),
      expiration: element.moment("Expiration"), source: source)
  }
}

/// `sts:AssumeRole`: a session of a role.
struct AssumeRole: QueryRequest {
  static let service = AWSService.sts
  static let action = "AssumeRole"
  static let effect = RequestEffect.reads

  let role: String
  let sessionName: String
  let externalID: String?
  let durationSeconds: Int?
  let deviceSerial: String?
  let deviceCode: String?

  var parameters: QueryParameters {
    var parameters = QueryParameters()
    parameters.set("RoleArn", role)
    parameters.set("RoleSessionName", sessionName)
    parameters.set("ExternalId", externalID)
    parameters.set("DurationSeconds", durationSeconds)
    parameters.set("SerialNumber", deviceSerial)
    parameters.set("TokenCode", deviceCode)
    return parameters
  }

  static func answer(from result: XMLElement) throws -> AWSCredentials {
    try AWSCredentials(result, of: action, source: "role")
  }
}

/// `sts:AssumeRoleWithWebIdentity`: a session of a role for whoever has a token that the role trusts.
struct AssumeRoleWithWebIdentity: QueryRequest {
  static let service = AWSService.sts
  static let action = "AssumeRoleWithWebIdentity"
  static let effect = RequestEffect.reads
  static let isSigned = false

  let role: String
  let sessionName: String
  let token: Secret<String>
  let durationSeconds: Int?

  var parameters: QueryParameters {
    var parameters = QueryParameters()
    parameters.set("RoleArn", role)
    parameters.set("RoleSessionName", sessionName)
    parameters.set("WebIdentityToken", token.reveal())
    parameters.set("DurationSeconds", durationSeconds)
    return parameters
  }

  var commandOptions: [CommandOption] {
    parameters.commandOptions.map {
      $0.name == "WebIdentityToken" ? CommandOption($0.name, .secret) : $0
    }
  }

  static func answer(from result: XMLElement) throws -> AWSCredentials {
    try AWSCredentials(result, of: action, source: "web identity")
  }
}
