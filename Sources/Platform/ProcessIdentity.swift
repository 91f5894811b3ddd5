import Glibc

/// Which process on which machine, so that it can be told apart from any other, also from one that
/// gets the same process number later.
public struct ProcessIdentity: Sendable, Codable, Hashable {
  /// The name of the operating system's user.
  public let user: String
  /// The host name.
  public let host: String
  /// The kernel's identifier of this boot.
  public let boot: String
  /// The process number.
  public let process: Int32
  /// When the process started, in the kernel's clock ticks since boot.
  public let started: String

  /// Creates an identity.
  public init(user: String, host: String, boot: String, process: Int32, started: String) {
    self.user = user
    self.host = host
    self.boot = boot
    self.process = process
    self.started = started
  }

  /// The process this code runs in.
  public static func current() -> ProcessIdentity {
    let process = getpid()
    return ProcessIdentity(
      user: currentUser(), host: currentHost(), boot: currentBoot(), process: process,
      started: startTime(of: process) ?? "")
  }

  /// Whether the process certainly runs no more: it was of this machine, and this machine has
  /// restarted since or has no such process. Nothing is known of other machines.
  public func isCertainlyGone(seenFrom observer: ProcessIdentity) -> Bool {
    guard host == observer.host else { return false }
    if boot != observer.boot { return true }
    return Self.startTime(of: process) != started
  }

  private static func currentUser() -> String {
    guard let entry = getpwuid(getuid()), let name = entry.pointee.pw_name else {
      return "uid \(getuid())"
    }
    return String(cString: name)
  }

  private static func currentHost() -> String {
    var buffer = [CChar](repeating: 0, count: 256)
    guard gethostname(&buffer, buffer.count - 1) == 0 else { return "unknown" }
    let bytes = buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func currentBoot() -> String {
    guard let bytes = try? DurableFile.read("/proc/sys/kernel/random/boot_id", limit: 256) else {
      return "unknown"
    }
    return String(decoding: bytes, as: UTF8.self).trimmingWhitespace()
  }

  /// Field 22 of proc_pid_stat(5); the command in field 2 may hold spaces, so count from its end.
  private static func startTime(of process: Int32) -> String? {
    guard let bytes = try? DurableFile.read("/proc/\(process)/stat", limit: 65_536) else {
      return nil
    }
    let text = String(decoding: bytes, as: UTF8.self)
    guard let end = text.lastIndex(of: ")") else { return nil }
    let fields = text[text.index(after: end)...].split(separator: " ")
    // A zombie holds its number until it is reaped, but it will never act again.
    guard fields.count > 19, fields[0] != "Z", fields[0] != "X" else { return nil }
    return String(fields[19])
  }
}
