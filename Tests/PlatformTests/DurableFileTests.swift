import Foundation
import Platform
import Testing

@Suite final class DurableFileTests {
  let folder = FileManager.default.temporaryDirectory
    .appending(path: UUID().uuidString).path

  init() throws { try DurableFile.makeFolder(folder, mode: 0o700) }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  private func names() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
  }

  @Test func aNewFileIsWholeAndRefusesASecond() throws {
    let path = "\(folder)/a"
    try DurableFile.write([1, 2], to: path, mode: 0o640, existing: .refuse)
    #expect(try DurableFile.read(path, limit: 10) == [1, 2])
    let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions]
    #expect(mode as? Int == 0o640)
    let error = #expect(throws: FileError.self) {
      try DurableFile.write([3], to: path, mode: 0o640, existing: .refuse)
    }
    #expect(error?.alreadyExists == true)
    #expect(try DurableFile.read(path, limit: 10) == [1, 2])
    #expect(try names() == ["a"])
  }

  @Test func aFileIsReplacedInOneStep() throws {
    let path = "\(folder)/b"
    for bytes: [UInt8] in [[1], [2, 3]] {
      try DurableFile.write(bytes, to: path, mode: 0o600, existing: .replace)
      #expect(try DurableFile.read(path, limit: 10) == bytes)
    }
    #expect(try names() == ["b"])
  }

  @Test func aMissingFolderIsSaid() {
    #expect(throws: FileError.self) {
      try DurableFile.write([1], to: "\(folder)/none/c", mode: 0o600, existing: .refuse)
    }
    #expect(!DurableFile.exists("\(folder)/none"))
  }

  @Test func aFolderThatCannotBeReadDoesNotLookEmpty() throws {
    #expect(try DurableFile.names(in: "\(folder)/none") == [])
    try FileManager.default.createSymbolicLink(
      atPath: "\(folder)/loop", withDestinationPath: "\(folder)/loop")
    let error = #expect(throws: FileError.self) { try DurableFile.names(in: "\(folder)/loop") }
    #expect(error?.operation == "list")
    #expect(try DurableFile.names(in: folder) == ["loop"])
  }
}
