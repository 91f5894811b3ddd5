import AWSClient
import Evidence
import EvidenceServices
import Glibc
import HTTPClient
import Platform
import Recoveries
import RecoveryPlan
import RunJournal
import StrictJSON

/// What a command is given: the environment, the folders, the clients. Made once, passed down.
struct Surroundings: Sendable {
  static let version = "0.1.0"
  static let maximumPlanSize = 1 << 20

  let environment: [String: String]
  let stateFolder: String
  /// What a command at another terminal needs to find the same state; empty for the usual folder.
  let stateOption: String
  let time: any TimeSource = SystemTime()
  let random: any RandomSource = SystemRandom()
  let signing: SigningOptions
  private let settingsFile: String?
  private let plansFolders: [String]
  private let hasChosenPlans: Bool

  init(_ arguments: Arguments) {
    environment = Self.readEnvironment()
    let home = environment["HOME"] ?? "/"
    let state = environment["XDG_STATE_HOME"] ?? "\(home)/.local/state"
    let usual = "\(state)/mosaic-dr"
    stateFolder = arguments["--state"] ?? environment["MOSAIC_DR_STATE"] ?? usual
    stateOption = stateFolder == usual ? "" : " --state \(ShellText.word(stateFolder))"
    signing = SigningOptions(arguments, stateFolder: stateFolder, environment: environment)
    settingsFile = arguments["--evidence"] ?? environment["MOSAIC_DR_EVIDENCE"]
    let chosen = [arguments["--plans"], environment["MOSAIC_DR_PLANS"]].compactMap { $0 }
    hasChosenPlans = !chosen.isEmpty
    plansFolders = chosen + ["plans", "/etc/mosaic-dr/plans"]
  }

  /// A command as a person types it at another terminal.
  func command(_ words: String) -> String { "mosaic-dr \(words)\(stateOption)" }

  var operatorName: String {
    let identity = ProcessIdentity.current()
    return "\(identity.user)@\(identity.host)"
  }

  /// The journal. It is made when it is not there, but not by who only looks into it.
  func journal(_ access: JournalAccess = .writing) throws -> Journal {
    if access == .reading { try requireJournal() }
    return try Journal(folder: stateFolder, time: time, access: access)
  }

  /// Whether there is a journal.
  ///
  /// - Throws: `FileError` when the state folder cannot be read: it must not look empty.
  func hasJournal() throws -> Bool {
    try !DurableFile.names(in: stateFolder).isEmpty && Journal.exists(in: stateFolder)
  }

  /// What is asked of a run that is there needs a journal: a misspelt folder is told, and not made.
  func requireJournal() throws {
    guard try hasJournal() else {
      throw Problem(
        "there is no journal", on: stateFolder, because: "no run was ever begun with this state",
        fix: "Check --state and $MOSAIC_DR_STATE.")
    }
  }

  /// - Throws: `Problem` when the state folder is not there.
  func requireStateFolder() throws {
    guard DurableFile.exists(stateFolder) else { throw Self.noFolder(stateFolder, "--state") }
  }

  private static func noFolder(_ path: String, _ option: String) -> Problem {
    Problem(
      "there is no such folder", on: path, because: "nothing stands at this path",
      fix: "Check \(option) and $MOSAIC_DR_\(option.dropFirst(2).uppercased()).")
  }

  var reportsFolder: String { "\(stateFolder)/reports" }

  func reportsFolder(of plan: String) -> String { "\(reportsFolder)/\(plan)" }

  var ledger: Ledger { Ledger(folder: "\(stateFolder)/ledger", time: time) }

  /// The name of a ledger that is begun here: one for each host, since two sites that wrote one
  /// ledger would fork it when they lose each other.
  var ledgerOrigin: String {
    environment["MOSAIC_DR_LEDGER_ORIGIN"]
      ?? "mosaic-dr/\(ProcessIdentity.current().host)"
  }

  /// Anchors, notifiers and telemetry, as the settings file names them; none without a file.
  func evidenceSettings(_ client: AWSClient) throws -> EvidenceSettings {
    let path = settingsFile ?? "\(stateFolder)/evidence.json"
    if settingsFile == nil, !DurableFile.exists(path) { return EvidenceSettings() }
    let json = try JSONValue(parsing: try DurableFile.read(path, limit: Self.maximumPlanSize))
    return try EvidenceSettings(
      json: json,
      EvidenceSettings.Means(
        environment: environment, client: client,
        http: HTTPClient(authorities: client.settings.authorities), time: time, random: random))
  }

  /// - Parameter lostRegion: a region that every call is refused to.
  func client(lostRegion: String? = nil) throws -> AWSClient {
    let settings = try AWSSettings(environment: environment)
    let http = HTTPClient(
      authorities: settings.authorities, threads: HTTPClient.usefulThreads)
    let context = CredentialContext(
      settings: settings, http: http, time: time, random: random, version: Self.version,
      lostRegion: lostRegion, prompt: TerminalPrompt.ask)
    return AWSClient(
      settings: settings, http: http, credentials: CredentialChain.standard(context),
      time: time, random: random, version: Self.version, lostRegion: lostRegion)
  }

  /// The way to Kubernetes, and to everything else that is neither AWS nor a database.
  func clusters() -> ClusterDirectory {
    ClusterDirectory(
      http: HTTPClient(), environment: environment, time: time, random: random,
      version: Self.version)
  }

  /// The file that a plan's name or path stands for.
  func planFile(_ name: String) throws -> String {
    let isPath = name.contains("/") || name.hasSuffix(".yaml") || name.hasSuffix(".yml")
    if isPath { return name }
    for folder in plansFolders {
      let path = "\(folder)/\(name).yaml"
      if access(path, R_OK) == 0 { return path }
    }
    throw Problem(
      "there is no such plan", on: name,
      because: "looked in \(plansFolders.joined(separator: ", "))",
      fix: "Check the name, or give the folder with --plans.")
  }

  /// The plan files in the folder that was chosen, else in those where plans are looked up, in order.
  ///
  /// - Throws: `Problem` when the folder that was chosen is not there.
  func knownPlans() throws -> [String] {
    if hasChosenPlans, !DurableFile.exists(plansFolders[0]) {
      throw Self.noFolder(plansFolders[0], "--plans")
    }
    return try (hasChosenPlans ? Array(plansFolders.prefix(1)) : plansFolders).flatMap { folder in
      try DurableFile.names(in: folder).filter { $0.hasSuffix(".yaml") }.map { "\(folder)/\($0)" }
    }
  }

  /// The known plans, of those with one name the first; nil after the mistakes of one were told.
  func readPlans(_ terminal: Terminal) throws -> [RecoveryPlan]? {
    var plans: [RecoveryPlan] = []
    for file in try knownPlans() {
      let (plan, diagnostics) = try read(file)
      guard let plan else {
        for diagnostic in diagnostics { terminal.error(diagnostic.rendered) }
        return nil
      }
      if !plans.contains(where: { $0.name == plan.name }) { plans.append(plan) }
    }
    return plans
  }

  /// - Parameter warnsOfName: whether a file that is not named as its plan is told.
  func read(_ file: String, warnsOfName: Bool = false) throws -> (
    plan: RecoveryPlan?, diagnostics: [Diagnostic]
  ) {
    let folder = file.split(separator: "/", omittingEmptySubsequences: false).dropLast()
      .joined(separator: "/")
    var reader = PlanReader(kinds: ComponentKinds.all) { name in
      included(name, beside: folder.isEmpty && !file.hasPrefix("/") ? "." : folder)
    }
    reader.warnsOfName = warnsOfName
    return reader.read(try DurableFile.read(file, limit: Self.maximumPlanSize), file: file)
  }

  /// A plan that another includes: of the same folder, else of the plans' folders.
  private func included(_ name: String, beside folder: String) -> PlanReader.Source? {
    for folder in [folder] + plansFolders {
      let file = "\(folder)/\(name).yaml"
      if let bytes = try? DurableFile.read(file, limit: Self.maximumPlanSize) {
        return PlanReader.Source(file: file, bytes: bytes)
      }
    }
    return nil
  }

  private static func readEnvironment() -> [String: String] {
    var variables: [String: String] = [:]
    var entry = environ
    while let text = entry.pointee {
      let line = String(cString: text)
      if let equals = line.firstIndex(of: "=") {
        variables[String(line[..<equals])] = String(line[line.index(after: equals)...])
      }
      entry += 1
    }
    return variables
  }
}
