import Glibc
import Platform

/// Parses, runs one command, and turns whatever comes of it into text and an exit code.
@main
enum Main {
  static func main() async {
    var terminal = Terminal(.takenOver())
    do {
      let arguments = try Arguments(Array(CommandLine.arguments.dropFirst()))
      terminal.verbosity = arguments.verbosity
      let code = try await Command.run(arguments, terminal: terminal)
      leave(terminal.ended(code), terminal)
    } catch let error as UsageError {
      terminal.error("error: \(error.message)\nfix: \(error.fix)")
      leave(.usage, terminal)
    } catch {
      terminal.explain(error)
      leave(ExitCode(for: error), terminal)
    }
  }

  /// Ends at once: `exit` would take OpenSSL away from threads that still close their connections.
  private static func leave(_ code: ExitCode, _ terminal: Terminal) -> Never {
    // What is left is only to be read: a reader who pauses does not keep anybody from ending this.
    for number in [SIGINT, SIGTERM, SIGHUP] { signal(number, SIG_DFL) }
    terminal.flush()
    fflush(nil)
    _exit(code.rawValue)
  }
}
