import Dispatch
import Glibc
import Platform

/// Asks the person at the terminal, whatever standard input is.
public enum TerminalPrompt {
  private static let terminal = "/dev/tty"
  private static let longestAnswer: Int32 = 256
  /// How long somebody has to answer, in milliseconds.
  private static let patience: Int32 = 120_000

  /// Asks, and returns the line that the person gives.
  ///
  /// - Throws: `Problem` when there is no terminal: a program that waits for nobody would hang.
  public static func ask(_ question: String) async throws -> String {
    try await withCheckedThrowingContinuation { continuation in
      DispatchQueue.global().async { @Sendable in
        continuation.resume(with: Result { try askNow(question) })
      }
    }
  }

  private static func askNow(_ question: String) throws -> String {
    guard let stream = fopen(terminal, "r+") else {
      throw Problem(
        "a code is needed, and nobody can be asked", on: terminal,
        because: "this process has no terminal",
        fix: "Log in with a role that needs no device, or start a session first "
          + "(aws sts get-session-token) and give its credentials in the environment.")
    }
    defer { fclose(stream) }
    fputs(question, stream)
    fflush(stream)
    var waiting = pollfd(fd: fileno(stream), events: Int16(POLLIN), revents: 0)
    guard poll(&waiting, 1, patience) != 0 else {
      throw Problem(
        "a code is needed, and none was given", on: terminal,
        because: "nobody has answered for two minutes",
        fix: "Type the code when it is asked for again.")
    }
    var line = [CChar](repeating: 0, count: Int(longestAnswer))
    guard fgets(&line, longestAnswer, stream) != nil else {
      throw Problem(
        "a code is needed, and none was given", because: "the terminal was closed",
        fix: "Run the command again and type the code.")
    }
    return String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
