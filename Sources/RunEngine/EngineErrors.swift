public import Platform

/// The name of what was to be made is taken by something that this step did not make.
public struct ForeignResource: ExplainedError, Equatable {
  /// The step.
  public let step: String
  /// What stands there.
  public let what: String

  public var summary: String { "the name is taken by something this run did not make" }
  public var subject: String? { step }
  public var reason: String { "\(what); it was left alone" }
  public var remedy: String {
    "Find out whose it is; then remove or rename it, or give the plan's target another identifier."
  }
}

/// What a step made has ended for good without being of use: no wait and no retry changes that. The step
/// can only make another one, under another name; what is spent stays until it is removed with the rest.
public struct SpentEffect: Error {
  /// The key in the body of an event that says so.
  static let key = "effect_spent"

  /// Why it is of no use.
  public let cause: any Error
  /// How many a step may spend and still make another one by itself.
  public let allowance: Int

  /// Creates the error; without an allowance, making another one is for a person to decide.
  public init(_ cause: any Error, allowance: Int = 0) {
    self.cause = cause
    self.allowance = allowance
  }
}

/// A step did not reach its end in its time.
public struct StepTimedOut: ExplainedError, Equatable {
  /// The step.
  public let step: String
  /// The bound.
  public let timeout: Duration
  /// What it waited for at the end, or how far it had come; nil when it had said nothing yet.
  public let last: String?
  /// Whether it was broken off at work that another try goes on with.
  public var goesOn = false

  public var summary: String { "the step took longer than its bound" }
  public var subject: String? { step }
  public var reason: String {
    let after = "after \(timeout.readable) it"
    guard let last else { return "\(after) was still without an answer" }
    return goesOn ? "\(after) had come this far: \(last)" : "\(after) still waits for: \(last)"
  }
  public var remedy: String {
    goesOn
      ? "What is done is kept: retry the step to go on from there, and raise the plan's timeout for other runs."
      : "Look at the resource; when it only needs more time, raise the plan's timeout and run again."
  }
}
