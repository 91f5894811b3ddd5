import Glibc
import Platform
import Recoveries
import RecoveryPlan
import RunEngine
import RunJournal

/// `cleanup --orphans`: what drills have left behind that no run here will remove.
enum OrphanCommands {
  static func cleanup(_ arguments: Arguments, _ terminal: Terminal) async throws -> ExitCode {
    let surroundings = Surroundings(arguments)
    let journal = try surroundings.journal()
    let client = try surroundings.client()
    var removable: [(orphan: Orphan, search: OrphanSearch)] = []
    for region in try regions(arguments, surroundings, terminal) {
      let search = OrphanSearch(
        client: client, region: region, time: surroundings.time, random: surroundings.random)
      for orphan in try await search.found() {
        let (why, isOver) = try await judge(
          orphan, journal, now: surroundings.time.now().wall,
          takesUnexpired: arguments.has("--unexpired"))
        terminal.output(
          "\(isOver ? "ORPHAN" : "KEPT  ")  \(orphan.name)\n        \(why); made by \(orphan.step)")
        if isOver { removable.append((orphan, search)) }
      }
    }
    guard !removable.isEmpty else {
      terminal.output("nothing is to be removed")
      return .success
    }
    if !arguments.has("--yes") { try confirm(removable.count, terminal) }
    var isWhole = true
    // In the order in which they hold each other back.
    for kind in Orphan.Kind.allCases {
      for (orphan, search) in removable where orphan.kind == kind {
        do {
          try await search.remove(orphan)
          terminal.output("removed \(orphan.name)")
        } catch let error as any ExplainedError {
          isWhole = false
          terminal.explain(error)
        }
      }
    }
    return isWhole ? .success : .runFailed
  }

  /// The calls of a search in the plan's regions.
  static func calls(for plan: RecoveryPlan, _ surroundings: Surroundings) throws -> [PlannedCall] {
    let client = try surroundings.client()
    return regions(of: plan).flatMap { region in
      OrphanSearch(
        client: client, region: region, time: surroundings.time, random: surroundings.random
      ).calls
    }
  }

  private static func regions(of plan: RecoveryPlan) -> [String] {
    Set(plan.family.flatMap { [$0.primaryRegion, $0.recoveryRegion] }).sorted()
  }

  /// Why something is an orphan, or why it is not.
  private static func judge(
    _ orphan: Orphan, _ journal: Journal, now: Timestamp, takesUnexpired: Bool
  ) async throws -> (why: String, isOver: Bool) {
    if try await journal.run(orphan.run) == nil {
      guard let expires = orphan.expires else {
        return (
          "run \(orphan.run) is not known here, and nothing says when it ends", takesUnexpired
        )
      }
      return now > expires
        ? ("run \(orphan.run) is not known here, and was over at \(expires)", true)
        : (
          "run \(orphan.run) is not known here, and may be at work elsewhere until \(expires)"
            + (takesUnexpired ? "" : " (--unexpired takes it all the same)"), takesUnexpired
        )
    }
    if let holder = try await journal.holder(of: orphan.run),
      !holder.process.isCertainlyGone(seenFrom: .current())
    {
      return ("run \(orphan.run) is being executed by \(holder.process.user)", false)
    }
    return RunState(try await journal.events(of: orphan.run)).isFinished
      ? ("run \(orphan.run) has ended", true)
      : ("run \(orphan.run) has not ended: 'mosaic-dr resume \(orphan.run)' removes it", false)
  }

  private static func regions(
    _ arguments: Arguments, _ surroundings: Surroundings, _ terminal: Terminal
  ) throws -> [String] {
    if let named = arguments["--region"] { return named.split(separator: ",").map(String.init) }
    if arguments["--plan"] != nil {
      guard let plan = try PlanCommands.load(arguments, surroundings, terminal) else { return [] }
      return regions(of: plan)
    }
    let set = ["AWS_REGION", "AWS_DEFAULT_REGION"].compactMap { surroundings.environment[$0] }
    guard let region = set.first(where: { !$0.isEmpty }) else {
      throw UsageError(
        message: "no region is named",
        fix: "Add --region us-west-2, or --plan NAME for its regions.")
    }
    return [region]
  }

  private static func confirm(_ count: Int, _ terminal: Terminal) throws {
    guard terminal.isInteractive else {
      throw UsageError(
        message: "removing asks for confirmation, and there is no terminal to ask on",
        fix: "Add --yes when a machine has to do it.")
    }
    terminal.error("Type \(count) to remove these \(count): ")
    terminal.flush()
    guard readLine()?.trimmingWhitespace() == "\(count)" else {
      throw UsageError(message: "not confirmed; nothing was removed", fix: "Type '\(count)'.")
    }
  }
}
