import DrillTimers
import Evidence
import Platform
import Recoveries
import RecoveryPlan
import RunJournal
import StrictJSON

/// Commands about when drills are due, and about what starts them.
enum ScheduleCommands {
  static func schedule(_ arguments: Arguments, _ terminal: Terminal) async throws -> ExitCode {
    if let word = arguments.operands.first {
      try arguments.answersWithTextAlone("schedule \(word)")
    }
    switch arguments.operands.first {
    case nil: return try tell(arguments, terminal)
    case "write": return try write(arguments, terminal)
    case "check": return try check(arguments, terminal)
    case let other?:
      throw UsageError(
        message: "'schedule' knows no '\(other)'",
        fix: "Write 'mosaic-dr schedule', or one of write and check after it.")
    }
  }

  private static func tell(_ arguments: Arguments, _ terminal: Terminal) throws -> ExitCode {
    let output = try arguments.choice("--output", of: ["text", "json"])
    let surroundings = Surroundings(arguments)
    guard let plans = try plans(arguments, surroundings, terminal) else { return .usage }
    let content = try surroundings.ledger.read()
    let now = surroundings.time.now().wall
    let standings = plans.map {
      DrillStanding(of: $0, DrillHistory(of: $0.name, in: content), now: now)
    }
    terminal.output(
      output == "json"
        ? JSONValue.array(standings.map(\.json)).prettyText()
        : standings.map { ScheduleText.text($0, terminal) }.joined(separator: "\n"))
    return standings.contains { $0.state == .overdue } ? .notReady : .success
  }

  private static func write(_ arguments: Arguments, _ terminal: Terminal) throws -> ExitCode {
    guard let folder = try folder(arguments, terminal) else { return .usage }
    for path in try folder.write() { terminal.output(path) }
    return .success
  }

  private static func check(_ arguments: Arguments, _ terminal: Terminal) throws -> ExitCode {
    guard let folder = try folder(arguments, terminal) else { return .usage }
    let differences = try folder.differences()
    for difference in differences {
      switch difference {
      case .missing(let name): terminal.output("\(name) is missing")
      case .differs(let name): terminal.output("\(name) is not what the plan says")
      case .stray(let name): terminal.output("\(name) starts drills that no plan asks for")
      }
    }
    if differences.isEmpty {
      terminal.output("what starts drills is as the plans say")
    } else {
      terminal.error("fix: write them with the same words after 'mosaic-dr schedule write'")
    }
    return differences.isEmpty ? .success : .verificationFailed
  }

  /// The folder that is meant, and what it should hold; nil after the mistakes of plans were told.
  private static func folder(_ arguments: Arguments, _ terminal: Terminal) throws -> TimerFolder? {
    let surroundings = Surroundings(arguments)
    let plans = { try self.plans(arguments, surroundings, terminal) }
    switch (arguments["--systemd"], arguments["--kubernetes"]) {
    case (let path?, nil) where arguments.has("--template"):
      return TimerFolder(path, holding: SystemdUnits.template.files)
    case (let path?, nil):
      return try plans().map { plans in
        TimerFolder(
          path,
          holding: try plans.flatMap { plan in
            try requireFileName(plan)
            return plan.schedule.map { SystemdUnits(of: plan, $0).files } ?? []
          })
      }
    case (nil, let path?):
      let site = CronJobManifest.Site(
        namespace: arguments["--namespace"] ?? "mosaic-dr",
        image: try arguments.required("--image"))
      return try plans().map { plans in
        TimerFolder(
          path,
          holding: try plans.compactMap { plan in
            try plan.schedule.map { try manifest(of: plan, $0, in: site, surroundings).file }
          })
      }
    default:
      throw UsageError(
        message: "one folder is to be named", fix: "Give --systemd DIR or --kubernetes DIR.")
    }
  }

  /// The unit asks for the plan by its name.
  private static func requireFileName(_ plan: RecoveryPlan) throws {
    guard plan.schedule != nil, !plan.isNamedAsItsFile else { return }
    throw Problem(
      "the plan could not be started by a timer", on: plan.file,
      because: "its name is \(plan.name), and the unit looks for \(plan.name).yaml",
      fix: "Rename the file to \(plan.name).yaml, or correct metadata.name.")
  }

  private static func manifest(
    of plan: RecoveryPlan, _ schedule: DrillSchedule, in site: CronJobManifest.Site,
    _ surroundings: Surroundings
  ) throws -> CronJobManifest {
    let calls = try Lowering(
      plan: plan, mode: .drill,
      run: ULID(at: surroundings.time.now().wall, random: surroundings.random), pointInTime: nil,
      client: try surroundings.client(), environment: surroundings.environment,
      clusters: surroundings.clusters()
    ).callsInCluster()
    let account = CronJobManifest.accountName(of: plan)
    return CronJobManifest(
      of: plan, schedule, in: site,
      access: RoleManifest(allowing: calls, name: account).bound(to: account, in: site.namespace))
  }

  /// The plan that is named, else all that are found; nil after the mistakes of one were told.
  private static func plans(
    _ arguments: Arguments, _ surroundings: Surroundings, _ terminal: Terminal
  ) throws -> [RecoveryPlan]? {
    guard arguments["--plan"] == nil else {
      return try PlanCommands.load(arguments, surroundings, terminal).map { [$0] }
    }
    guard let plans = try surroundings.readPlans(terminal) else { return nil }
    guard !plans.isEmpty else {
      throw UsageError(
        message: "there is no plan", fix: "Name one with --plan, or their folder with --plans.")
    }
    return plans
  }
}
