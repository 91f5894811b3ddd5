public import PositionedYAML

/// A mistake in a plan, with its place and the way to mend it.
public struct Diagnostic: Sendable, Equatable {
  /// The file, as it was named.
  public let file: String
  /// Where in the file.
  public let position: SourcePosition
  /// What is wrong.
  public let message: String
  /// What to write instead.
  public let fix: String

  /// The mistake as editors and people read it, with the line it stands in.
  public func rendered(source: [UInt8]) -> String {
    var text = "\(file):\(position): error: \(message)\n"
    let lines = source.split(separator: 0x0A, omittingEmptySubsequences: false)
    if position.line <= lines.count {
      let line = String(decoding: lines[position.line - 1].prefix(160), as: UTF8.self)
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
  private(set) var diagnostics: [Diagnostic] = []

  init(file: String) { self.file = file }

  /// Notes a mistake.
  public func report(_ message: String, at position: SourcePosition, fix: String) {
    guard diagnostics.count < Self.maximum else { return }
    diagnostics.append(Diagnostic(file: file, position: position, message: message, fix: fix))
  }
}
