import Platform

/// A static key of a profile in the shared credentials file, else in the shared config file.
public struct ProfileCredentials: CredentialProvider {
  private let settings: AWSSettings

  /// Reads the profile that `settings` selects.
  public init(settings: AWSSettings) { self.settings = settings }

  public func credentials() async throws -> AWSCredentials? {
    let places = [
      (settings.credentialsPath, try ProfileFile(path: settings.credentialsPath)),
      (settings.configPath, try ProfileFile(path: settings.configPath)),
    ]
    for (path, file) in places {
      guard let keys = file.profile(settings.profile), let key = keys["aws_access_key_id"] else {
        continue
      }
      guard let secret = keys["aws_secret_access_key"] else {
        throw Problem(
          "cannot use the credentials of a profile", on: "profile \(settings.profile) in \(path)",
          because: "it has aws_access_key_id but no aws_secret_access_key",
          fix: "Add the missing line to the profile.")
      }
      return AWSCredentials(
        accessKeyID: key, secretAccessKey: Secret(secret),
        sessionToken: keys["aws_session_token"].map { Secret($0) },
        source: "profile \(settings.profile) in \(path)")
    }
    if settings.profileIsExplicit, !places.contains(where: { $1.profile(settings.profile) != nil })
    {
      throw Problem(
        "cannot find the profile", on: settings.profile,
        because: "neither \(settings.credentialsPath) nor \(settings.configPath) has it",
        fix: "Check AWS_PROFILE, or make the profile with 'aws configure --profile'.")
    }
    return nil
  }
}
