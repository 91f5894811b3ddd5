import Platform

/// A session of the role that a profile names: `role_arn` with `source_profile` or `credential_source`,
/// and `external_id`, `mfa_serial`, `duration_seconds`, `role_session_name`.
struct AssumedRoleCredentials: CredentialProvider {
  /// More profiles in a row than this are a mistake.
  static let longestChain = 5

  let context: CredentialContext
  let profile: String
  let visited: [String]

  func credentials() async throws -> AWSCredentials? {
    let files = try context.sharedFiles()
    guard let keys = files.profile(profile), let role = keys["role_arn"].nonEmpty,
      keys["web_identity_token_file"].nonEmpty == nil
    else { return nil }
    let source = try source(keys, files)
    let duration = try duration(keys)
    var code: String?
    if let serial = keys["mfa_serial"].nonEmpty {
      code = try await context.prompt("Code of the device \(serial), for profile \(profile): ")
        .trimmingWhitespace()
    }
    let request = AssumeRole(
      role: role, sessionName: sessionName(keys), externalID: keys["external_id"].nonEmpty,
      durationSeconds: duration, deviceSerial: keys["mfa_serial"].nonEmpty, deviceCode: code)
    let session = try await context.client(source).send(
      request, region: context.region(keys, role: role), log: nil)
    return session.found("role \(role) of profile \(profile)")
  }

  private func source(
    _ keys: [String: String], _ files: SharedFiles
  ) throws -> any CredentialProvider {
    switch (keys["source_profile"].nonEmpty, keys["credential_source"].nonEmpty) {
    case (let name?, nil): return try sourceProfile(name, files)
    case (nil, "Environment"?):
      return EnvironmentCredentials(environment: context.settings.environment)
    case (nil, "Ec2InstanceMetadata"?): return InstanceCredentials(context: context)
    case (nil, "EcsContainer"?): return ContainerCredentials(context: context)
    case (nil, let other?):
      throw mistake(
        "credential_source is '\(other)'",
        fix: "Write Environment, Ec2InstanceMetadata or EcsContainer.")
    case (nil, nil):
      throw mistake(
        "it has role_arn, but nothing that says whose credentials assume it",
        fix: "Add source_profile or credential_source.")
    case (.some, .some):
      throw mistake(
        "it has both source_profile and credential_source", fix: "Remove one of them.")
    }
  }

  private func sourceProfile(
    _ name: String, _ files: SharedFiles
  ) throws -> any CredentialProvider {
    guard let keys = files.profile(name) else {
      throw mistake(
        "its source_profile '\(name)' is in neither of \(files.places)",
        fix: "Correct source_profile, or make that profile.")
    }
    if name == profile {
      // A profile may be its own source only with a key of its own.
      guard keys["aws_access_key_id"].nonEmpty != nil else {
        throw mistake("it is its own source_profile, but has no key", fix: "Name another profile.")
      }
      return CredentialChain([
        StaticCredentials(context: context, profile: name, place: .credentialsFile),
        StaticCredentials(context: context, profile: name, place: .configFile),
      ])
    }
    let path = visited + [profile]
    guard !path.contains(name), path.count < Self.longestChain else {
      throw mistake(
        "its sources go round in a circle: \((path + [name]).joined(separator: " → "))",
        fix: "Let the last profile of the chain have credentials of its own.")
    }
    return CredentialChain(
      CredentialChain.ofProfile(name, context, visited: path, hasEnvironment: false)
        + [
          NoCredentials(
            problem: mistake(
              "its source_profile '\(name)' has no credentials",
              fix: "Give that profile a key, a role, sign-on or a program."))
        ])
  }

  private func duration(_ keys: [String: String]) throws -> Int? {
    guard let text = keys["duration_seconds"].nonEmpty else { return nil }
    guard let seconds = Int(text), (900...43_200).contains(seconds) else {
      throw mistake(
        "duration_seconds is '\(text)'", fix: "Write a number of seconds from 900 to 43200.")
    }
    return seconds
  }

  private func sessionName(_ keys: [String: String]) -> String {
    keys["role_session_name"].nonEmpty ?? context.sessionName
  }

  private func mistake(_ reason: String, fix: String) -> Problem {
    Problem(
      "cannot assume the role of a profile", on: "profile \(profile)", because: reason, fix: fix)
  }
}

/// The end of a chain that has to have credentials.
private struct NoCredentials: CredentialProvider {
  let problem: Problem

  func credentials() async throws -> AWSCredentials? { throw problem }
}

extension CredentialContext {
  /// The name of a session that nothing else names, as CloudTrail shows it.
  var sessionName: String { "mosaic-dr-\(time.now().wall.unixSeconds)" }

  /// The region whose STS is asked: the profile's, else the process's, else one of the role's
  /// partition.
  func region(_ keys: [String: String], role: String) -> String {
    if let region = settings.environment["AWS_REGION"].nonEmpty
      ?? settings.environment["AWS_DEFAULT_REGION"].nonEmpty ?? keys["region"].nonEmpty
      ?? settings.region
    {
      return region
    }
    switch role.split(separator: ":").dropFirst().first {
    case "aws-cn": return "cn-north-1"
    case "aws-us-gov": return "us-gov-west-1"
    default: return "us-east-1"
    }
  }
}

extension AWSCredentials {
  /// The same credentials, with the place where they were found.
  func found(_ source: String) -> AWSCredentials {
    AWSCredentials(
      accessKeyID: accessKeyID, secretAccessKey: secretAccessKey, sessionToken: sessionToken,
      expiration: expiration, source: source)
  }
}
