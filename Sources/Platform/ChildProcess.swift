import CPosix
import Dispatch
import Glibc
import Synchronization

/// A program that is run to its end. It gets no input; what it writes to standard error goes where
/// this program's own goes.
public struct ChildProcess: Sendable {
  /// What came of it.
  public struct End: Sendable {
    /// The exit code; 128 and the signal's number when a signal ended it.
    public let code: Int32
    /// What it wrote to standard output.
    public let output: [UInt8]
  }

  private let command: String
  private let arguments: [String]
  private let environment: [String: String]
  private let timeout: Duration
  private let outputLimit: Int

  /// Names a program.
  ///
  /// - Parameters:
  ///   - command: a path, or a name that is looked up in `PATH`. No shell is involved.
  ///   - environment: the whole environment.
  ///   - timeout: the bound; then it and what it started is killed.
  ///   - outputLimit: the most bytes of output that are accepted.
  public init(
    command: String, arguments: [String], environment: [String: String], timeout: Duration,
    outputLimit: Int = 1 << 20
  ) {
    self.command = command
    self.arguments = arguments
    self.environment = environment
    self.timeout = timeout
    self.outputLimit = outputLimit
  }

  /// Runs it. A cancelled task kills it.
  ///
  /// - Throws: ``ChildProcessError`` when it cannot be started, takes too long or writes too much;
  ///   `CancellationError`.
  public func run() async throws -> End {
    let isCancelled = Flag()
    let result = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        DispatchQueue.global().async { @Sendable in
          continuation.resume(returning: Result { try perform(isCancelled) })
        }
      }
    } onCancel: {
      isCancelled.raise()
    }
    return try result.get()
  }

  private func perform(_ isCancelled: Flag) throws -> End {
    var ends: [Int32] = [0, 0]
    guard mdr_pipe(&ends) == 0 else { throw error(.cannotStart(errno)) }
    defer { close(ends[0]) }
    let process: pid_t
    do {
      defer { close(ends[1]) }
      process = try spawn(output: ends[1])
    }
    do {
      let deadline = SystemTime().now().sinceBoot + timeout.wholeNanoseconds
      let output = try read(ends[0], until: deadline, isCancelled)
      return End(code: try wait(for: process, until: deadline, isCancelled), output: output)
    } catch {
      kill(-process, SIGKILL)
      var status: Int32 = 0
      while waitpid(process, &status, 0) < 0, errno == EINTR {}
      throw error
    }
  }

  private func spawn(output: Int32) throws -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
    mdr_close_from(&actions, STDERR_FILENO + 1)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // A group of its own, so that what it starts can be ended with it. It would inherit the signals that
    // this program ignores, and those that Dispatch's threads block.
    var signals = sigset_t()
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    for number in [SIGPIPE, SIGINT, SIGTERM] { sigaddset(&signals, number) }
    posix_spawnattr_setsigdefault(&attributes, &signals)
    posix_spawnattr_setflags(
      &attributes,
      Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))
    var words = ([command] + arguments).map { strdup($0) } + [nil]
    var variables = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { for text in words + variables { free(text) } }
    var process: pid_t = 0
    let code = posix_spawnp(&process, command, &actions, &attributes, &words, &variables)
    guard code == 0 else { throw error(.cannotStart(code)) }
    return process
  }

  /// How often a cancellation is looked for, in milliseconds.
  private static let slice: Int32 = 50

  private func read(
    _ descriptor: Int32, until deadline: Int64, _ isCancelled: Flag
  ) throws -> [UInt8] {
    var output: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      try check(deadline, isCancelled)
      var wanted = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      guard poll(&wanted, 1, Self.slice) > 0 else { continue }
      let count = Glibc.read(descriptor, &buffer, buffer.count)
      if count == 0 { return output }
      if count < 0, errno != EINTR { throw error(.cannotStart(errno)) }
      output += buffer.prefix(max(count, 0))
      guard output.count <= outputLimit else { throw error(.tooMuchOutput(outputLimit)) }
    }
  }

  /// A program may close its output long before it ends.
  private func wait(
    for process: pid_t, until deadline: Int64, _ isCancelled: Flag
  ) throws -> Int32 {
    var status: Int32 = 0
    while true {
      if waitpid(process, &status, WNOHANG) == process { return mdr_status_code(status) }
      try check(deadline, isCancelled)
      poll(nil, 0, 5)
    }
  }

  private func check(_ deadline: Int64, _ isCancelled: Flag) throws {
    if isCancelled.isRaised { throw CancellationError() }
    if SystemTime().now().sinceBoot >= deadline { throw error(.timedOut(timeout)) }
  }

  private func error(_ cause: ChildProcessError.Cause) -> ChildProcessError {
    ChildProcessError(command: command, cause: cause)
  }
}

/// A program that could not be run to its end.
public struct ChildProcessError: ExplainedError, Equatable {
  /// What stood in the way.
  public enum Cause: Sendable, Equatable {
    /// The system's error number.
    case cannotStart(Int32)
    case timedOut(Duration)
    case tooMuchOutput(Int)
  }

  /// The program.
  public let command: String
  /// What stood in the way.
  public let cause: Cause

  /// Whether there is no such program.
  public var isMissing: Bool { cause == .cannotStart(ENOENT) }

  public var summary: String { "a program could not be run" }
  public var subject: String? { command }
  public var reason: String {
    switch cause {
    case .cannotStart(let code): String(cString: strerror(code))
    case .timedOut(let bound): "it took longer than \(bound.readable)"
    case .tooMuchOutput(let limit): "it wrote more than \(limit) bytes"
    }
  }
  public var remedy: String {
    isMissing ? "Install it, or correct PATH." : "Run it by hand to see what it does."
  }
}

/// A flag that one thread raises and another looks at.
private final class Flag: Sendable {
  private let state = Atomic(false)
  var isRaised: Bool { state.load(ordering: .relaxed) }
  func raise() { state.store(true, ordering: .relaxed) }
}
