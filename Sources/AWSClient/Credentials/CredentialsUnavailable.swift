public import Platform

/// There were credentials, and new ones cannot be had: a login has ended in the middle of the work. Who logs in again
/// at another terminal mends it, so that it is worth trying again.
public struct CredentialsUnavailable: ExplainedError {
  private let problem: Problem

  public var summary: String { problem.summary }
  public var subject: String? { problem.subject }
  public var reason: String { problem.reason }
  public var remedy: String { problem.remedy }

  static func of(_ error: any Error) -> any Error {
    (error as? Problem).map { CredentialsUnavailable(problem: $0) } ?? error
  }
}
