/// An error that a person can act on: what failed, on what, why, and what to do next.
///
/// Every error that can reach a user conforms to it; the command line prints nothing else.
/// No property ever carries a secret.
public protocol ExplainedError: Error, CustomStringConvertible {
  /// What failed, as a short clause without a full stop: "cannot restore the database instance".
  var summary: String { get }
  /// On what: an identifier, a region, `file:line:column`. Nil when the summary says it.
  var subject: String? { get }
  /// Why, as far as it is known: the service's own words, an errno, the offending text.
  var reason: String { get }
  /// What a person can do about it, as one imperative sentence.
  var remedy: String { get }
}

extension ExplainedError {
  /// The error on one line, for logs and the journal.
  public var description: String {
    let place = subject.map { " (\($0))" } ?? ""
    return "\(summary)\(place): \(reason)"
  }
}

/// A ready-made ``ExplainedError`` for places that need no error type of their own.
public struct Problem: ExplainedError, Equatable {
  public let summary: String
  public let subject: String?
  public let reason: String
  public let remedy: String

  /// Creates a problem; see ``ExplainedError`` for what each part says.
  public init(_ summary: String, on subject: String? = nil, because reason: String, fix: String) {
    self.summary = summary
    self.subject = subject
    self.reason = reason
    self.remedy = fix
  }
}
