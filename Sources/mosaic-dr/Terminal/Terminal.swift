import Glibc
import Platform
import RunJournal

/// Writes to the two streams. Data goes to standard output, everything else to standard error.
struct Terminal: Sendable {
  /// How much a person wants to read.
  enum Verbosity {
    /// Results, errors, and what a person has to do.
    case quiet
    case normal
    /// Also every change that is about to be made.
    case verbose
  }

  var verbosity = Verbosity.normal
  let isInteractive: Bool
  /// Whether the cursor can be moved on standard error.
  let hasCursor: Bool
  private let hasColor: Bool
  private let isUnicode: Bool
  private let streams: StandardStreams

  init(_ streams: StandardStreams = StandardStreams()) {
    self.streams = streams
    isInteractive = isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1
    let noColor = getenv("NO_COLOR").map { $0.pointee != 0 } ?? false
    let isDumb = getenv("TERM").map { String(cString: $0) == "dumb" } ?? true
    hasCursor = isatty(STDERR_FILENO) == 1 && !isDumb
    hasColor = hasCursor && !noColor
    // The first that is set decides (POSIX, environment variables of locales).
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].compactMap(Self.variable).first
    isUnicode = ["utf-8", "utf8"].contains { (locale ?? "").lowercased().hasSuffix($0) }
  }

  private static func variable(_ name: String) -> String? {
    guard let value = getenv(name), value.pointee != 0 else { return nil }
    return String(cString: value)
  }

  /// What can be drawn on standard error now; the size may change at any time.
  var canvas: RunPicture.Canvas {
    let size = TerminalSize(descriptor: STDERR_FILENO)
    return RunPicture.Canvas(
      columns: size?.columns ?? 80, rows: size?.rows ?? 24, isUnicode: isUnicode)
  }

  /// Waits until everything that was told is written.
  func flush() { streams.flush() }

  /// Whether the reader is behind, as after a Ctrl-S.
  var isBehind: Bool { streams.isBehind }

  /// Writes to standard error as it is.
  func raw(_ text: String) { streams.write(text, to: STDERR_FILENO) }

  func output(_ text: String, terminator: String = "\n") {
    streams.write(text + terminator, to: STDOUT_FILENO)
  }
  func error(_ text: String) { streams.write(text + "\n", to: STDERR_FILENO) }

  /// Data for people: a terminal gets it broken between words, but for commands, which are copied whole.
  func prose(_ text: String) {
    guard isatty(STDOUT_FILENO) == 1,
      let columns = TerminalSize(descriptor: STDOUT_FILENO)?.columns
    else { return output(text) }
    let plain = text.replacingAll("→", with: "->").replacingAll("…", with: "...")
    let lines = (isUnicode ? text : plain).split(
      separator: "\n", omittingEmptySubsequences: false)
    output(
      lines.map { $0.contains("mosaic-dr ") ? String($0) : $0.wrapped(to: columns) }
        .joined(separator: "\n"))
  }

  /// What is good to know beside the data.
  func note(_ text: String) {
    if verbosity != .quiet { error(text) }
  }

  func explain(_ error: any Error) {
    guard let error = error as? any ExplainedError else {
      self.error("error: \(error)\nfix: This is a defect of this program: please report it.")
      return
    }
    let place = error.subject.map { "\n  on:  \($0)" } ?? ""
    self.error(
      "\(paint("error", .red)): \(error.summary)\(place)\n  why: \(error.reason)\n  fix: \(error.remedy)"
    )
  }

  /// Asks a person to type the plan's name.
  ///
  /// - Throws: `UsageError` when something else is typed, or there is nobody to ask.
  func confirm(_ what: String, with plan: String) throws(UsageError) {
    guard isInteractive else {
      throw UsageError(
        message: "\(what) asks for confirmation, and there is no terminal to ask on",
        fix: "Add --yes when a machine has to start it.")
    }
    raw("Type the plan's name to go on: ")
    flush()
    guard readLine()?.trimmingWhitespace() == plan else {
      throw UsageError(message: "not confirmed; nothing was done", fix: "Type '\(plan)'.")
    }
  }

  enum Color: Int { case red = 31, green = 32, yellow = 33, dim = 2, bold = 1 }

  func paint(_ text: String, _ color: Color) -> String {
    hasColor ? "\u{1B}[\(color.rawValue)m\(text)\u{1B}[0m" : text
  }

  /// Whether somebody may still read what is told: data on standard output, else standard error.
  func isRead(asData: Bool) -> Bool { streams.isRead(asData ? STDOUT_FILENO : STDERR_FILENO) }

  /// The exit code of a command, of which data may have been lost.
  func ended(_ code: ExitCode) -> ExitCode {
    flush()
    guard let number = streams.outputFailure else { return code }
    explain(
      Problem(
        "standard output is not whole", because: String(cString: strerror(number)),
        fix: "Write it to a place that has room; what a run did is in its report all the same."))
    return code == .success ? .failure : code
  }
}
