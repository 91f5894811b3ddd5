import Platform

/// The access key of a profile, in one of the shared files.
struct StaticCredentials: CredentialProvider {
  enum Place {
    case credentialsFile, configFile
  }

  let context: CredentialContext
  let profile: String
  let place: Place

  func credentials() async throws -> AWSCredentials? {
    let files = try context.sharedFiles()
    let (file, path) =
      switch place {
      case .credentialsFile: (files.credentials, context.settings.credentialsPath)
      case .configFile: (files.config, context.settings.configPath)
      }
    guard let keys = file.profile(profile) else { return nil }
    return try Self.read(keys, source: "profile \(profile) in \(path)")
  }

  static func read(_ keys: [String: String], source: String) throws -> AWSCredentials? {
    guard let key = keys["aws_access_key_id"].nonEmpty else { return nil }
    guard let secret = keys["aws_secret_access_key"].nonEmpty else {
      throw Problem(
        "cannot use the credentials of a profile", on: source,
        because: "it has aws_access_key_id but no aws_secret_access_key",
        fix: "Add the missing line to the profile.")
    }
    return AWSCredentials(
      accessKeyID: key, secretAccessKey: Secret(secret),
      sessionToken: keys["aws_session_token"].nonEmpty.map { Secret($0) }, source: source)
  }
}
