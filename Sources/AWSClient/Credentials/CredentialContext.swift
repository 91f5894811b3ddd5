public import HTTPClient
public import Platform

/// What the places that credentials come from are given: settings, the network, time, and a way to ask
/// a person.
public struct CredentialContext: Sendable {
  /// Asks a person for something, as a code of a device; throws when nobody can be asked.
  public typealias Prompt = @Sendable (_ question: String) async throws -> String

  let settings: AWSSettings
  let http: HTTPClient
  let time: any TimeSource
  let random: any RandomSource
  let version: String
  let lostRegion: String?
  let prompt: Prompt

  /// Creates a context.
  public init(
    settings: AWSSettings, http: HTTPClient, time: any TimeSource, random: any RandomSource,
    version: String, lostRegion: String?, prompt: @escaping Prompt
  ) {
    self.settings = settings
    self.http = http
    self.time = time
    self.random = random
    self.version = version
    self.lostRegion = lostRegion
    self.prompt = prompt
  }

  /// A client for the calls that get credentials.
  func client(_ provider: any CredentialProvider) -> AWSClient {
    AWSClient(
      settings: settings, http: http, credentials: provider, time: time, random: random,
      version: version, lostRegion: lostRegion)
  }

  /// The shared files as they are now: other programs write them.
  func sharedFiles() throws(FileError) -> SharedFiles {
    SharedFiles(
      config: try ProfileFile(path: settings.configPath),
      credentials: try ProfileFile(path: settings.credentialsPath), settings: settings)
  }
}

/// The shared config file and the shared credentials file.
struct SharedFiles {
  let config: ProfileFile
  let credentials: ProfileFile
  let settings: AWSSettings

  /// The keys of a profile; those of the credentials file win.
  func profile(_ name: String) -> [String: String]? {
    guard let first = config.profile(name) else { return credentials.profile(name) }
    return first.merging(credentials.profile(name) ?? [:]) { $1 }
  }

  /// Where the keys of a profile may stand, for people.
  var places: String { "\(settings.configPath) and \(settings.credentialsPath)" }
}

extension CredentialChain {
  /// Every place of the AWS SDKs, in their order: environment, role of the profile, web identity, single
  /// sign-on, shared credentials file, program, config file, container, instance.
  public static func standard(_ context: CredentialContext) -> CredentialChain {
    let settings = context.settings
    return CredentialChain(
      [EnvironmentCredentials(environment: settings.environment), ProfileExists(context: context)]
        + ofProfile(settings.profile, context, visited: [], hasEnvironment: true)
        + [
          ContainerCredentials(context: context), InstanceCredentials(context: context),
        ])
  }

  /// The places that a profile may name.
  ///
  /// - Parameters:
  ///   - visited: the profiles that led to this one.
  ///   - hasEnvironment: whether a web identity may come from the environment as well.
  static func ofProfile(
    _ profile: String, _ context: CredentialContext, visited: [String], hasEnvironment: Bool
  ) -> [any CredentialProvider] {
    [
      AssumedRoleCredentials(context: context, profile: profile, visited: visited),
      WebIdentityCredentials(
        context: context, profile: profile, mayUseEnvironment: hasEnvironment),
      SingleSignOnCredentials(context: context, profile: profile),
      StaticCredentials(context: context, profile: profile, place: .credentialsFile),
      LoginCredentials(context: context, profile: profile),
      ProcessCredentials(context: context, profile: profile),
      StaticCredentials(context: context, profile: profile, place: .configFile),
    ]
  }
}

/// Refuses a profile that signs on with `aws login`, whose tokens need a key of the AWS CLI's own: another
/// identity would hide that it is not supported.
struct LoginCredentials: CredentialProvider {
  let context: CredentialContext
  let profile: String

  func credentials() async throws -> AWSCredentials? {
    guard try context.sharedFiles().profile(profile)?["login_session"].nonEmpty != nil else {
      return nil
    }
    throw Problem(
      "cannot use the credentials of a profile", on: "profile \(profile)",
      because: "its login_session (aws login) is not supported",
      fix: "Add 'credential_process = aws configure export-credentials --profile \(profile)' to "
        + "another profile, and use that.")
  }
}

/// Refuses a profile that is asked for by name and is not there: another identity would hide the
/// mistake.
struct ProfileExists: CredentialProvider {
  let context: CredentialContext

  func credentials() async throws -> AWSCredentials? {
    let settings = context.settings
    let files = try context.sharedFiles()
    guard settings.profileIsExplicit, files.profile(settings.profile) == nil else { return nil }
    throw Problem(
      "cannot find the profile", on: settings.profile,
      because: "neither \(settings.credentialsPath) nor \(settings.configPath) has it",
      fix: "Check AWS_PROFILE, or make the profile with 'aws configure --profile'.")
  }
}
