import Glibc
import Platform

/// Parses, runs one command, and turns whatever comes of it into text and an exit code.
@main
enum Main {
  static func main() async {
    let terminal = Terminal()
    do {
      let arguments = try Arguments(Array(CommandLine.arguments.dropFirst()))
      let code = try await Command.run(arguments, terminal: terminal)
      exit(code.rawValue)
    } catch let error as UsageError {
      terminal.error("error: \(error.message)\nfix: \(error.fix)")
      exit(ExitCode.usage.rawValue)
    } catch {
      terminal.explain(error)
      exit(ExitCode(for: error).rawValue)
    }
  }
}
