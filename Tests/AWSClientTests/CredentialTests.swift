import Foundation
import HTTPClient
import Platform
import StrictJSON
import Synchronization
import Testing

@testable import AWSClient

/// Every place of the chain against real servers, files and programs.
@Suite(.serialized) struct CredentialTests {
  private let server: CredentialServer
  private let home: Home

  init() async throws {
    home = try Home()
    server = try await CredentialServer()
  }

  private func find(
    _ variables: [String: String] = [:], prompt: @escaping CredentialContext.Prompt = { _ in "" }
  ) async throws -> AWSCredentials? {
    try await home.find(
      variables.merging(["AWS_ENDPOINT_URL": server.url]) { first, _ in first }, prompt: prompt)
  }

  @Test func theEnvironmentComesFirstAndHalfAKeyIsAMistake() async throws {
    try home.config("[default]\naws_access_key_id = KFILE\naws_secret_access_key = s")
    let found = try await find(["AWS_ACCESS_KEY_ID": "KENV", "AWS_SECRET_ACCESS_KEY": "s"])
    #expect(found?.accessKeyID == "KENV")
    await #expect(throws: Problem.self) { try await find(["AWS_ACCESS_KEY_ID": "KENV"]) }
  }

  @Test func theCredentialsFileComesBeforeTheProgramAndTheConfigFile() async throws {
    let program = try home.program(
      #"echo '{"Version":1,"AccessKeyId":"KPROGRAM","SecretAccessKey":"s"}'"#)
    try home.config(
      "[default]\ncredential_process = \(program)\naws_access_key_id = KCONFIG\n"
        + "aws_secret_access_key = s")
    #expect(try await find()?.accessKeyID == "KPROGRAM")
    try home.credentials(
      "[default]\naws_access_key_id = KFILE # comment\naws_secret_access_key = s")
    #expect(try await find()?.accessKeyID == "KFILE")
  }

  @Test func aProfileThatIsAskedForAndMissingIsAMistake() async throws {
    await #expect(throws: Problem.self) { try await find(["AWS_PROFILE": "absent"]) }
  }

  @Test func aRoleIsAssumedThroughAChainOfProfilesWithItsConditions() async throws {
    try home.credentials("[base]\naws_access_key_id = KBASE\naws_secret_access_key = s")
    try home.config(
      """
      [profile base]
      [profile "middle"]
      role_arn = arn:aws:iam::1:role/middle
      source_profile = base
      [profile top]
      role_arn = arn:aws:iam::2:role/top
      source_profile = middle
      external_id = secret-handshake
      mfa_serial = arn:aws:iam::2:mfa/me
      duration_seconds = 1800
      role_session_name = drill
      """)
    let asked = Mutex<String>("")
    let found = try await find(["AWS_PROFILE": "top"]) { question in
      asked.withLock { $0 = question }
      return "123456\n"
    }
    #expect(found?.accessKeyID == "Ktop")
    #expect(found?.expiration == Timestamp("2099-01-01T00:00:00Z"))
    #expect(asked.withLock { $0 }.contains("arn:aws:iam::2:mfa/me"))
    let calls = try server.requests().suffix(2)
    #expect(
      calls.map { $0["form"]?.string("RoleArn") } == [
        "arn:aws:iam::1:role/middle", "arn:aws:iam::2:role/top",
      ])
    let last = try #require(calls.last?["form"])
    #expect(last.string("ExternalId") == "secret-handshake")
    #expect(last.string("TokenCode") == "123456")
    #expect(last.string("SerialNumber") == "arn:aws:iam::2:mfa/me")
    #expect(last.string("DurationSeconds") == "1800")
    #expect(last.string("RoleSessionName") == "drill")
    // Each call is signed with what the one before it gave.
    #expect(
      calls.last?["headers"]?.string("authorization")?.contains("Credential=Kmiddle/") == true)
    #expect(calls.last?["headers"]?.string("x-amz-security-token") == "t-Kmiddle")
  }

  @Test func aWebIdentitysTokenIsReadAgainForEachSession() async throws {
    let token = try home.file("token", "one\n")
    let variables = [
      "AWS_WEB_IDENTITY_TOKEN_FILE": token, "AWS_ROLE_ARN": "arn:aws:iam::1:role/pod",
      "AWS_ROLE_SESSION_NAME": "pod-1",
    ]
    #expect(try await find(variables)?.accessKeyID == "Kpod")
    _ = try home.file("token", "two\n")
    _ = try await find(variables)
    let calls = try server.requests().suffix(2)
    #expect(calls.map { $0["form"]?.string("WebIdentityToken") } == ["one", "two"])
    #expect(calls.allSatisfy { $0["headers"]?["authorization"] == nil })
    await #expect(throws: Problem.self) {
      try await find(["AWS_WEB_IDENTITY_TOKEN_FILE": token])
    }
  }

  @Test func whoHasSignedOnHasASessionAndAnOldTokenIsRenewed() async throws {
    try home.config(
      """
      [profile sso]
      sso_session = work
      sso_account_id = 111122223333
      sso_role_name = Recovery
      [sso-session work]
      sso_region = eu-west-1
      sso_start_url = https://example.awsapps.com/start
      """)
    // The SHA-1 of the session's name.
    let cache = ".aws/sso/cache/e274eeff768c6396088ec6eb091f4bf4d47ab1e0.json"
    _ = try home.file(cache, #"{"accessToken":"fresh","expiresAt":"2099-01-01T00:00:00Z"}"#)
    let found = try await find(["AWS_PROFILE": "sso"])
    #expect(found?.accessKeyID == "KSSO")
    #expect(found?.expiration == Timestamp("2099-01-01T00:00:00Z"))
    let call = try #require(try server.requests().last)
    #expect(call.string("query") == "account_id=111122223333&role_name=Recovery")
    _ = try home.file(
      cache,
      #"{"accessToken":"old","expiresAt":"2001-01-01T00:00:00Z","clientId":"c","clientSecret":"cs","#
        + #""refreshToken":"r","registrationExpiresAt":"2099-01-01T00:00:00Z","region":"eu-west-1"}"#
    )
    #expect(try await find(["AWS_PROFILE": "sso"])?.accessKeyID == "KSSO")
    let kept = try home.read(cache)
    #expect(kept.contains(#""accessToken":"renewed""#))
    #expect(kept.contains(#""refreshToken":"next""#))
    #expect(kept.contains(#""region":"eu-west-1""#))
    _ = try home.file(cache, #"{"accessToken":"old","expiresAt":"2001-01-01T00:00:00Z"}"#)
    let error = await #expect(throws: Problem.self) { try await find(["AWS_PROFILE": "sso"]) }
    #expect(error?.remedy.contains("aws sso login --sso-session work") == true)
  }

  @Test func aContainersTokenComesFromItsFileAndForeignHostsAreRefused() async throws {
    let token = try home.file("pod-token", "from-file\n")
    let found = try await find([
      "AWS_CONTAINER_CREDENTIALS_FULL_URI": "\(server.url)/container",
      "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": token,
      "AWS_CONTAINER_AUTHORIZATION_TOKEN": "from-variable",
      // A proxy that is not there: it must not be asked.
      "http_proxy": "http://127.0.0.1:1",
    ])
    #expect(found?.accessKeyID == "KCONTAINER")
    #expect(try server.requests().last?["headers"]?.string("authorization") == "from-file")
    for url in [
      "http://example.com/c", "http://169.254.169.254/c", "http://127.evil.com/",
      "ftp://127.0.0.1/",
    ] {
      await #expect(throws: Problem.self) {
        try await find(["AWS_CONTAINER_CREDENTIALS_FULL_URI": url])
      }
    }
    for url in [
      "https://example.com/c", "http://127.3.2.1/", "http://localhost/", "http://[::1]/",
      "http://169.254.170.23/v1",
    ] {
      #expect(ContainerCredentials.isAllowed(url))
    }
    _ = try home.file("pod-token", "two\nlines")
    await #expect(throws: Problem.self) {
      try await find([
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": "\(server.url)/container",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": token,
      ])
    }
  }

  @Test func anInstancesRoleIsReadWithASessionAndServesPastItsTime() async throws {
    let found = try await find([
      "AWS_EC2_METADATA_DISABLED": "false", "AWS_EC2_METADATA_SERVICE_ENDPOINT": server.url,
    ])
    #expect(found?.accessKeyID == "KINSTANCE")
    #expect(found.flatMap(\.expiration).map { $0 > SystemTime().now().wall } == true)
    let none = try await find([
      "AWS_EC2_METADATA_DISABLED": "false",
      "AWS_EC2_METADATA_SERVICE_ENDPOINT": "http://127.0.0.1:1",
    ])
    #expect(none == nil)
  }

  @Test func aRolesSourceMayBeTheContainer() async throws {
    try home.config(
      "[profile p]\nrole_arn = arn:aws:iam::1:role/r\ncredential_source = EcsContainer")
    let found = try await find([
      "AWS_PROFILE": "p", "AWS_CONTAINER_CREDENTIALS_FULL_URI": "\(server.url)/container",
    ])
    #expect(found?.accessKeyID == "Kr")
    #expect(
      try server.requests().last?["headers"]?.string("authorization")?
        .contains("Credential=KCONTAINER/") == true)
  }

  @Test func noSecretIsInAnyErrorOrDescription() async throws {
    let program = try home.program("echo 'not json, hush-hush'")
    try home.config("[profile p]\ncredential_process = \(program)")
    let error = await #expect(throws: Problem.self) { try await find(["AWS_PROFILE": "p"]) }
    #expect(error.map { "\($0)".contains("hush-hush") } == false)
    let found = AWSCredentials(
      accessKeyID: "K", secretAccessKey: Secret("hush-hush"), sessionToken: Secret("hush-hush"),
      source: "test")
    var dumped = ""
    dump(found, to: &dumped)
    #expect(!dumped.contains("hush") && !"\(found)".contains("hush"))
  }
}
