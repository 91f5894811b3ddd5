public import StrictJSON

/// What steps of earlier runs of the same plan found out: the latest output of a step by its name.
public struct EarlierOutputs: Sendable {
  private let find: @Sendable (_ step: String) async throws -> JSONValue?

  /// Looks outputs up with `find`.
  public init(_ find: @escaping @Sendable (_ step: String) async throws -> JSONValue?) {
    self.find = find
  }

  /// There were no earlier runs.
  public static let none = EarlierOutputs { _ in nil }

  /// The latest output of a step; nil when there is none that can be read.
  func output<Output: Decodable>(of step: String, as type: Output.Type) async throws -> Output? {
    try? await find(step)?.decode(type)
  }
}
