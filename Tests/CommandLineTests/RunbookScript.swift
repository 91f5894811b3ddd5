import Foundation

/// A runbook as a person follows it: in bash, with the real command lines.
extension Tool {
  /// The blocks that are to be run, as one script.
  static func script(of runbook: String) -> String {
    var isInside = false
    var lines: [Substring] = []
    for line in runbook.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("```") {
        isInside = line == "```sh"
      } else if isInside {
        lines.append(line)
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  func bash(_ script: String) throws -> (status: Int32, output: String) {
    let file = folder.appending(path: "script.sh")
    try script.write(to: file, atomically: true, encoding: .utf8)
    let process = Process()
    process.executableURL = URL(filePath: "/bin/bash")
    process.arguments = [file.path]
    let prefix = try lab("python", "-c", "import sys; print(sys.prefix)")
      .trimmingCharacters(in: .whitespacesAndNewlines)
    var environment = ProcessInfo.processInfo.environment
    environment["PATH"] = "\(prefix)/bin:\(environment["PATH"] ?? "")"
    environment["AWS_PAGER"] = ""
    process.environment = environment
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: output, as: UTF8.self))
  }
}
