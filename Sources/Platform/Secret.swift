/// A value that must never be printed, logged, encoded or compared in the open.
///
/// It has no `Codable` conformance on purpose: a type that holds one cannot be journaled.
public struct Secret<Value: Sendable>: Sendable, CustomStringConvertible,
  CustomDebugStringConvertible, CustomReflectable
{
  private let value: Value

  /// Wraps a value.
  public init(_ value: Value) { self.value = value }

  /// Hands the value to the one place that needs it.
  public func reveal() -> Value { value }

  public var description: String { "[redacted]" }
  public var debugDescription: String { "[redacted]" }
  public var customMirror: Mirror { Mirror(self, children: []) }
}
