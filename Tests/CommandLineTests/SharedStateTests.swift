import Foundation
import Glibc
import Platform
import RunJournal
import StrictJSON
import Testing

/// A state folder that was made for a group, as docs/operations.md says: its members approve as themselves.
@Suite struct SharedStateTests {
  private static let group: gid_t = 64_100
  private let tool: Tool

  init() throws { tool = try Tool() }

  private func makeSharedFolder() throws {
    try tool.system("install", "-d", "-m", "2770", "-g", "\(Self.group)", tool.state)
  }

  /// Runs the program as another account of this machine, which need not have a name.
  private func run(_ program: String, as user: uid_t, in group: gid_t, _ words: [String]) throws
    -> (status: Int32, output: String)
  {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments =
      ["setpriv", "--reuid", "\(user)", "--regid", "\(user)", "--groups", "\(group)", program]
      + words + ["--state", tool.state]
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: data, as: UTF8.self))
  }

  @Test(.enabled(if: geteuid() == 0, "only root may act as other accounts"))
  func severalAccountsOfTheGroupApprove() async throws {
    try makeSharedFolder()
    // Where the sources lie, the others may not be allowed to look.
    let program = tool.folder.appending(path: "mosaic-dr").path
    try FileManager.default.copyItem(atPath: Tool.program.path, toPath: program)
    let journal = try Journal(folder: tool.state, time: SystemTime())
    let id = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
    try await beginRun(id, journal)
    for user in [64_001, 64_002] as [uid_t] {
      let approval = try run(program, as: user, in: Self.group, ["approve", id, "approval"])
      #expect(approval.status == 0, "\(approval.output)")
    }
    let people = try await journal.requests(for: id).map { $0.request.by.prefix { $0 != "@" } }
    #expect(people == ["uid 64001", "uid 64002"])
    let stranger = try run(program, as: 64_003, in: 64_003, ["approve", id, "approval"])
    #expect(stranger.status != 0, "\(stranger.output)")
    #expect(try await journal.requests(for: id).count == 2)
  }

  @Test func doctorKnowsAFolderOfAGroup() throws {
    #expect(mkdir(tool.state, 0o700) == 0)
    for (mode, words) in [
      (0o2770, "\(tool.state), shared with its group"), (0o770, "is open to others"),
      (0o2775, "is open to others"),
    ] as [(mode_t, String)] {
      #expect(chmod(tool.state, mode) == 0)
      let doctor = try tool.run("doctor")
      #expect(doctor.output.contains(words), "\(doctor.output)")
    }
  }

  private func beginRun(_ id: String, _ journal: Journal) async throws {
    let record = RunRecord(
      id: id, planName: "p", planDigest: "d", mode: RunMode.restore.rawValue,
      createdAt: Timestamp(unixSeconds: 1))
    let step = RunCreation.StepRecord(
      id: "approval", kind: "approval", component: nil, phase: .prepare, dependsOn: [],
      summary: "wait for two people")
    let creation = RunCreation(
      plan: "p", planDigest: "d", planFile: "p.yaml", mode: .restore, options: [:],
      rtoObjective: nil, rpoObjective: nil, steps: [step], operatorIdentity: .current(),
      version: "0")
    _ = try await journal.create(
      record, planBytes: [],
      opening: [EventDraft(.runCreated, body: try JSONValue(encoding: creation))],
      holder: .current())
  }
}
