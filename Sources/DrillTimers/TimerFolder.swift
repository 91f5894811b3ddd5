public import Platform

/// A folder of files that start drills, and what it should hold.
public struct TimerFolder {
  /// The largest file that is read, in bytes: a plan and those it includes stand in one.
  private static let largestFile = 8 << 20

  /// What is not as the plans say.
  public enum Difference: Sendable, Equatable {
    case missing(String)
    case differs(String)
    /// It starts drills that no plan asks for.
    case stray(String)
  }

  private let path: String
  private let files: [TimerFile]

  /// - Parameter files: what it should hold.
  public init(_ path: String, holding files: [TimerFile]) {
    self.path = path
    self.files = files
  }

  /// Writes every file, and returns the paths.
  public func write() throws(FileError) -> [String] {
    try DurableFile.makeFolder(path, mode: 0o755)
    var written: [String] = []
    for file in files {
      try DurableFile.write(
        Array(file.text.utf8), to: "\(path)/\(file.name)", mode: 0o644, existing: .replace)
      written.append("\(path)/\(file.name)")
    }
    return written
  }

  /// Compares, to the byte.
  public func differences() throws(FileError) -> [Difference] {
    let present = try DurableFile.names(in: path)
    var found: [Difference] = []
    for file in files {
      if !present.contains(file.name) {
        found.append(.missing(file.name))
      } else if try DurableFile.read("\(path)/\(file.name)", limit: Self.largestFile)
        != Array(file.text.utf8)
      {
        found.append(.differs(file.name))
      }
    }
    let known = files.map(\.name)
    found += present.filter { name in
      // The template may stand beside the files of plans.
      name.hasPrefix(TimerFile.prefix) && !known.contains(name)
        && !SystemdUnits.template.files.map(\.name).contains(name)
    }.map(Difference.stray)
    return found
  }
}
