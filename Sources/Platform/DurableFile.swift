import CPosix
import Dispatch
import Glibc

/// Reading and writing whole files so that what is written lasts through a power cut.
public enum DurableFile {
  /// What is done when the file is already there.
  public enum Existing: Sendable {
    /// The new content takes its place in one step (rename).
    case replace
    /// The write fails with `EEXIST`, and the old content stays.
    case refuse
  }

  /// Writes `bytes` to `path`: a temporary file beside it, fsync, rename, fsync of the folder. A file
  /// that is not to replace another has no name before it is whole, where the file system can do that:
  /// then nothing of it stays when the process dies.
  ///
  /// - Throws: ``FileError`` with the failing call; the old content is then untouched.
  public static func write(
    _ bytes: [UInt8], to path: String, mode: UInt32, existing: Existing
  ) throws(FileError) {
    if existing == .refuse, try writeUnnamed(bytes, to: path, mode: mode) {
      return try syncFolder(of: path)
    }
    let temporary = "\(path).tmp.\(getpid())"
    let descriptor = mdr_open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
    guard descriptor >= 0 else { throw FileError("create", temporary) }
    do throws(FileError) {
      try writeAll(bytes, to: descriptor, path: temporary)
      guard fchmod(descriptor, mode) == 0 else { throw FileError("set the mode of", temporary) }
      guard fsync(descriptor) == 0 else { throw FileError("sync", temporary) }
      guard close(descriptor) == 0 else { throw FileError("close", temporary) }
      try move(temporary, to: path, existing: existing)
    } catch {
      close(descriptor)
      unlink(temporary)
      throw error
    }
    try syncFolder(of: path)
  }

  /// Reads a whole file.
  ///
  /// - Throws: ``FileError``; also when the file is larger than `limit` bytes.
  public static func read(_ path: String, limit: Int) throws(FileError) -> [UInt8] {
    let descriptor = mdr_open(path, O_RDONLY | O_CLOEXEC, 0)
    guard descriptor >= 0 else { throw FileError("open", path) }
    defer { close(descriptor) }
    var content: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = Glibc.read(descriptor, &chunk, chunk.count)
      if count == 0 { return content }
      if count < 0 {
        if errno == EINTR { continue }
        throw FileError("read", path)
      }
      guard content.count + count <= limit else { throw FileError("read", path, code: EFBIG) }
      content.append(contentsOf: chunk[..<count])
    }
  }

  /// Whether there is something at `path`.
  public static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  /// The names in a folder, sorted; none when there is no such folder.
  ///
  /// - Throws: ``FileError`` when there is one that cannot be read: it must not look empty.
  public static func names(in folder: String) throws(FileError) -> [String] {
    guard let stream = opendir(folder) else {
      let error = FileError("list", folder)
      if error.isMissing { return [] }
      throw error
    }
    defer { closedir(stream) }
    var names: [String] = []
    errno = 0
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
      errno = 0
    }
    guard errno == 0 else { throw FileError("list", folder) }
    return names.sorted()
  }

  /// Makes a folder and its parents; a folder that is there already keeps its mode.
  public static func makeFolder(_ path: String, mode: UInt32) throws(FileError) {
    if mkdir(path, mode) == 0 { return try syncFolder(of: path) }
    switch errno {
    case EEXIST: return
    case ENOENT:
      let parent = folder(of: path)
      guard parent != path else { throw FileError("make the folder", path) }
      try makeFolder(parent, mode: mode)
      guard mkdir(path, mode) == 0 || errno == EEXIST else {
        throw FileError("make the folder", path)
      }
      try syncFolder(of: path)
    default: throw FileError("make the folder", path)
    }
  }

  /// Whether a folder was made for a group: its members may write to it and nobody else may, and what is
  /// made in it is the group's too, which the set-group-ID bit says (inode(7)).
  public static func isForGroup(_ folder: String) -> Bool {
    var status = stat()
    return stat(folder, &status) == 0 && status.st_mode & 0o2022 == 0o2020
  }

  /// Makes an empty file unless there is one; a file that is there already is left alone. The umask does
  /// not narrow the mode.
  public static func createIfMissing(_ path: String, mode: UInt32) throws(FileError) {
    let descriptor = mdr_open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
    guard descriptor >= 0 else {
      if errno == EEXIST { return }
      throw FileError("create", path)
    }
    let hasMode = fchmod(descriptor, mode) == 0
    let error = FileError("set the mode of", path)
    close(descriptor)
    guard hasMode else { throw error }
    try syncFolder(of: path)
  }

  /// Removes what writers of `path` that died have left beside it. Only whoever keeps other writers
  /// out may do so.
  public static func removeLeftovers(of path: String) {
    let folder = folder(of: path)
    for name in (try? names(in: folder)) ?? []
    where "\(folder)/\(name)".hasPrefix("\(path).tmp.") {
      unlink("\(folder)/\(name)")
    }
  }

  /// Removes a folder of plain files, as far as that can be done: for files of no use any more.
  public static func removeFolder(_ path: String) {
    for name in (try? names(in: path)) ?? [] { unlink("\(path)/\(name)") }
    rmdir(path)
  }

  /// Makes the entries of the folder that holds `path` durable.
  public static func syncFolder(of path: String) throws(FileError) {
    let folder = folder(of: path)
    let descriptor = mdr_open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0)
    guard descriptor >= 0 else { throw FileError("open the folder", folder) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw FileError("sync the folder", folder) }
  }

  /// Makes everything durable that was written to the file system of a folder: for many files at once.
  public static func syncFileSystem(of folder: String) async throws {
    try await withCheckedThrowingContinuation {
      (continuation: CheckedContinuation<Void, any Error>) in
      DispatchQueue.global().async { @Sendable in
        continuation.resume(
          with: Result {
            let descriptor = mdr_open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0)
            guard descriptor >= 0 else { throw FileError("open the folder", folder) }
            defer { close(descriptor) }
            guard mdr_sync_file_system(descriptor) == 0 else { throw FileError("sync", folder) }
          })
      }
    }
  }

  /// The folder part of a path; `.` when it has none.
  public static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// - Returns: false when the file system has no files without a name.
  private static func writeUnnamed(
    _ bytes: [UInt8], to path: String, mode: UInt32
  ) throws(FileError) -> Bool {
    let descriptor = mdr_open_unnamed(folder(of: path), mode)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    try writeAll(bytes, to: descriptor, path: path)
    guard fchmod(descriptor, mode) == 0 else { throw FileError("set the mode of", path) }
    guard fsync(descriptor) == 0 else { throw FileError("sync", path) }
    if mdr_name(descriptor, path) == 0 { return true }
    if errno == EEXIST { throw FileError("create", path) }
    return false
  }

  static func writeAll(
    _ bytes: [UInt8], to descriptor: Int32, path: String
  ) throws(FileError) {
    var written = 0
    while written < bytes.count {
      let count = bytes[written...].withUnsafeBytes {
        Glibc.write(descriptor, $0.baseAddress, $0.count)
      }
      if count < 0 {
        if errno == EINTR { continue }
        throw FileError("write", path)
      }
      written += count
    }
  }

  private static func move(
    _ source: String, to path: String, existing: Existing
  ) throws(FileError) {
    switch existing {
    case .replace:
      guard rename(source, path) == 0 else { throw FileError("rename to", path) }
    case .refuse:
      guard link(source, path) == 0 else { throw FileError("create", path) }
      unlink(source)
    }
  }
}

/// A file operation that the operating system refused.
public struct FileError: ExplainedError, Equatable {
  /// The operation, as a verb phrase: "write".
  public let operation: String
  /// The file or folder.
  public let path: String
  /// The system's `errno`.
  public let code: Int32

  init(_ operation: String, _ path: String, code: Int32 = errno) {
    self.operation = operation
    self.path = path
    self.code = code
  }

  public var summary: String { "cannot \(operation) a file" }
  public var subject: String? { path }
  public var reason: String { String(cString: strerror(code)) }
  public var remedy: String {
    switch code {
    case ENOSPC, EDQUOT: "Free space on the file system, then run the same command again."
    case EACCES, EPERM: "Check the owner and the mode of the file and its folder."
    case EROFS: "The file system is read-only; choose another place with --state."
    case EEXIST: "Something is there already and is kept; choose another name or move it away."
    case ENOENT: "Check the path."
    case EFBIG: "The file is larger than this program accepts."
    default: "Check the file system, then run the same command again."
    }
  }
}

extension FileError {
  /// Whether the file or its folder does not exist.
  public var isMissing: Bool { code == ENOENT || code == ENOTDIR }
  /// Whether something stands at the path already.
  public var alreadyExists: Bool { code == EEXIST }
}
