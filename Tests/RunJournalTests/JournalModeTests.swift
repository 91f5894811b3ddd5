import Foundation
import Glibc
import Platform
import Testing

@testable import RunJournal

/// Who may read and write a journal: its owner, or the group that a folder was made for.
@Suite final class JournalModeTests {
  private let folder = FileManager.default.temporaryDirectory
    .appending(path: UUID().uuidString).path

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  private func mode(of name: String) throws -> mode_t {
    var status = stat()
    try #require(stat("\(folder)/\(name)", &status) == 0, "\(name)")
    return status.st_mode & 0o7777
  }

  /// SQLite gives the files beside the journal its own mode; the umask must not narrow it.
  @Test(
    arguments: [
      (0o2770, 0o660), (0o2775, 0o660), (0o700, 0o600), (0o770, 0o600), (0o2750, 0o600),
      (0o2777, 0o600),
    ] as [(mode_t, mode_t)])
  func theJournalIsForAGroupWhenItsFolderWasMadeForOne(of made: mode_t, is expected: mode_t) throws
  {
    #expect(mkdir(folder, 0o700) == 0)
    #expect(chmod(folder, made) == 0)
    let journal = try Journal(folder: folder, time: SystemTime())
    for name in ["journal.sqlite", "journal.sqlite-wal", "journal.sqlite-shm"] {
      #expect(try mode(of: name) == expected, "\(name)")
    }
    withExtendedLifetime(journal) {}
  }

  @Test func aFolderThatTheJournalMakesIsItsOwnersAlone() throws {
    let journal = try Journal(folder: folder, time: SystemTime())
    #expect(try mode(of: ".") & 0o777 == 0o700)
    #expect(try mode(of: "journal.sqlite") == 0o600)
    withExtendedLifetime(journal) {}
  }
}
