public import PositionedYAML

/// Something wrong or doubtful in a plan, with its place and the way to mend it.
public struct Diagnostic: Sendable, Equatable {
  /// How much it matters.
  public enum Severity: String, Sendable {
    /// There is no plan as long as it stands.
    case error
    /// It is allowed, but hardly meant.
    case warning
  }

  /// How much it matters.
  public let severity: Severity
  /// The file, as it was named.
  public let file: String
  /// Where in the file.
  public let position: SourcePosition
  /// What is wrong.
  public let message: String
  /// What to write instead.
  public let fix: String
  /// The line it stands in.
  let line: String?

  /// The mistake as editors and people read it, with the line it stands in.
  public var rendered: String {
    var text = "\(file):\(position): \(severity.rawValue): \(message)\n"
    if let line {
      text += "  \(line)\n  \(String(repeating: " ", count: max(0, position.column - 1)))^\n"
    }
    return text + "  fix: \(fix)"
  }
}

/// Collects mistakes, so that a file's mistakes are all told at once.
public final class DiagnosticSink {
  /// More mistakes than this are not listed.
  public static let maximum = 100

  private let file: String
  private let source: [UInt8]
  private(set) var diagnostics: [Diagnostic] = []

  init(file: String, source: [UInt8]) {
    self.file = file
    self.source = source
  }

  /// Notes a mistake.
  public func report(_ message: String, at position: SourcePosition, fix: String) {
    note(.error, message, position, fix)
  }

  /// Notes something doubtful.
  func warn(_ message: String, at position: SourcePosition, fix: String) {
    note(.warning, message, position, fix)
  }

  /// Takes over what was found in another file.
  func add(_ more: [Diagnostic]) {
    diagnostics += more.prefix(max(0, Self.maximum - diagnostics.count))
  }

  private func note(
    _ severity: Diagnostic.Severity, _ message: String, _ position: SourcePosition, _ fix: String
  ) {
    guard diagnostics.count < Self.maximum else { return }
    diagnostics.append(
      Diagnostic(
        severity: severity, file: file, position: position, message: message, fix: fix,
        line: line(position.line)))
  }

  private func line(_ number: Int) -> String? {
    let lines = source.split(
      separator: 0x0A, maxSplits: number, omittingEmptySubsequences: false)
    guard number <= lines.count else { return nil }
    return String(decoding: lines[number - 1].prefix(160), as: UTF8.self)
  }
}
