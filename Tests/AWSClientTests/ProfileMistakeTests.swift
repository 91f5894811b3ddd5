import Platform
import Testing

@testable import AWSClient

/// Profiles that cannot work: each is told as such, and no other identity is used in its place.
@Suite struct ProfileMistakeTests {
  private let home: Home

  init() throws { home = try Home() }

  @Test(arguments: [
    "[profile p]\nrole_arn = arn:aws:iam::1:role/r",
    "[profile p]\nrole_arn = arn:aws:iam::1:role/r\nsource_profile = p",
    "[profile p]\nrole_arn = arn:aws:iam::1:role/r\nsource_profile = q\n[profile q]\n"
      + "role_arn = arn:aws:iam::1:role/r\nsource_profile = p",
    "[profile p]\nrole_arn = arn:aws:iam::1:role/r\nsource_profile = absent",
    "[profile p]\nrole_arn = arn:aws:iam::1:role/r\nsource_profile = q\n[profile q]\nregion = x",
    "[profile p]\nrole_arn = arn:aws:iam::1:role/r\nsource_profile = q\ncredential_source = Environment\n[profile q]",
    "[profile p]\nrole_arn = arn:aws:iam::1:role/r\ncredential_source = Moon",
    "[profile p]\nrole_arn = arn:aws:iam::1:role/r\nduration_seconds = 1\ncredential_source = Environment",
    "[profile p]\nlogin_session = arn:aws:iam::1:user/me",
    "[profile p]\ncredential_process = '/bin/true",
    "[profile p]\ncredential_process = /bin/false",
    "[profile p]\ncredential_process = /bin/echo {}",
    "[profile p]\ncredential_process = /absent/program",
    "[profile p]\nsso_account_id = 1\nsso_role_name = r\nsso_session = absent",
    "[profile p]\nsso_account_id = 1\nsso_role_name = r\nsso_start_url = u\nsso_region = us-west-2",
  ])
  func aProfileWithAMistakeIsNamedAndNothingElseIsTried(config: String) async throws {
    try home.config(config)
    try home.credentials("[default]\naws_access_key_id = KOTHER\naws_secret_access_key = s")
    let error = await #expect(throws: (any Error).self) {
      try await home.find(["AWS_PROFILE": "p"])
    }
    #expect(error is any ExplainedError)
  }

  @Test func aProgramsWordsAreSplitAsAShellDoesWithoutOne() {
    #expect(
      CommandWords.split(#"a 'b c' "d \"e\" \f" g\ h ''"#) == [
        "a", "b c", "d \"e\" \\f", "g h", "",
      ])
    #expect(CommandWords.split("a 'b") == nil)
    #expect(CommandWords.split("a $HOME;b") == ["a", "$HOME;b"])
  }
}
