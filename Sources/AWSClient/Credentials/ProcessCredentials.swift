import Platform
import StrictJSON

/// What the program that a profile names prints: `credential_process`, run without a shell.
struct ProcessCredentials: CredentialProvider {
  static let timeout: Duration = .seconds(60)

  let context: CredentialContext
  let profile: String

  func credentials() async throws -> AWSCredentials? {
    guard let line = try context.sharedFiles().profile(profile)?["credential_process"].nonEmpty
    else { return nil }
    guard let words = CommandWords.split(line), let program = words.first else {
      throw mistake("its line ends inside quotes")
    }
    let end = try await ChildProcess(
      command: program, arguments: Array(words.dropFirst()),
      environment: context.settings.environment, timeout: Self.timeout
    ).run()
    guard end.code == 0 else {
      throw mistake("\(program) ended with code \(end.code); what it said stands above")
    }
    return try read(end.output, program: program)
  }

  private func read(_ output: [UInt8], program: String) throws -> AWSCredentials {
    // No word of a malformed answer is shown: it may be the secret.
    guard let answer = try? JSONValue(parsing: output) else {
      throw mistake("\(program) printed no JSON")
    }
    guard answer.integer("Version") == 1 else {
      throw mistake("\(program) printed something other than version 1")
    }
    guard let key = answer.string("AccessKeyId"), let secret = answer.string("SecretAccessKey")
    else { throw mistake("\(program) printed no AccessKeyId or no SecretAccessKey") }
    let expiration = answer.moment("Expiration")
    if let expiration, expiration <= context.time.now().wall {
      throw mistake("\(program) printed credentials that expired at \(expiration)")
    }
    return AWSCredentials(
      accessKeyID: key, secretAccessKey: Secret(secret),
      sessionToken: answer.string("SessionToken").map { Secret($0) }, expiration: expiration,
      source: "program \(program) of profile \(profile)")
  }

  private func mistake(_ reason: String) -> Problem {
    Problem(
      "cannot use the credential_process of a profile", on: "profile \(profile)",
      because: reason, fix: "Run the program by hand; it must print credentials as JSON.")
  }
}

/// Splits a line into words as a POSIX shell does, without expanding anything.
enum CommandWords {
  /// Nil when a quote is not closed.
  static func split(_ line: String) -> [String]? {
    var words: [String] = []
    var word: String?
    var quote: Character?
    var isEscaped = false
    for character in line {
      if isEscaped {
        // In double quotes a backslash stands for itself before anything but these.
        let kept = quote == "\"" && !"\"\\$`".contains(character) ? "\\" : ""
        word = (word ?? "") + kept + String(character)
        isEscaped = false
      } else if character == "\\", quote != "'" {
        isEscaped = true
      } else if let open = quote {
        if character == open { quote = nil } else { word = (word ?? "") + String(character) }
      } else if character == "'" || character == "\"" {
        quote = character
        word = word ?? ""
      } else if character == " " || character == "\t" {
        if let finished = word { words.append(finished) }
        word = nil
      } else {
        word = (word ?? "") + String(character)
      }
    }
    guard quote == nil, !isEscaped else { return nil }
    if let word { words.append(word) }
    return words
  }
}
