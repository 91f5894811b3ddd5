/// The commands, by name. Help is derived from this list.
enum Command {
  struct Entry: Sendable {
    let name: String
    let usage: String
    let about: String
    let run: @Sendable (Arguments, Terminal) async throws -> ExitCode
  }

  static var all: [Entry] {
    [
      Entry(
        name: "validate", usage: "validate FILE… [--format text|json|sarif]",
        about: "check plans; names every mistake",
        run: PlanCommands.validate),
      Entry(
        name: "plan",
        usage: """
          plan --plan P [--mode drill|restore] [--format text|json|dot|mermaid]
                 mosaic-dr plan --plan P --against FILE [--format text|json]
          """,
        about: "show the steps, their order, and what would be made, changed and deleted",
        run: PlanCommands.plan),
      Entry(
        name: "schema", usage: "schema [--format json|markdown]",
        about: "print the JSON Schema of plans, or their reference",
        run: PlanCommands.schema),
      Entry(
        name: "preflight",
        usage: "preflight --plan P [--mode drill|restore] [--primary-lost] [--output text|json]",
        about: "look whether a plan could be run now; changes nothing",
        run: ReadinessCommands.preflight),
      Entry(
        name: "permissions",
        usage: """
          permissions --plan P [--mode drill|restore|preflight|cleanup] [--format iam|rbac]
                 [--account N]
          """,
        about: "print the least-privilege IAM policy or Kubernetes roles for a plan",
        run: ReadinessCommands.permissions),
      Entry(
        name: "drill",
        usage: """
          drill --plan P [--scheduled] [--incident-time T] [--point-in-time T] [--primary-lost]
                 [--challenge TEXT] [--max-regression 20%] \(executing)
                 \(recording)
          """,
        about: "restore an isolated copy, check it, measure, delete it", run: RunCommands.drill),
      Entry(
        name: "restore",
        usage: """
          restore --plan P [--incident-time T] [--point-in-time T] [--primary-lost] [--yes]
                 \(executing)
                 \(recording)
          """,
        about: "recover for good", run: RunCommands.restore),
      Entry(
        name: "resume",
        usage: """
          resume RUN [--max-regression 20%] \(executing)
                 \(recording)
          """,
        about: "go on with a run from its last checkpoint",
        run: RunCommands.resume),
      Entry(
        name: "cleanup",
        usage: """
          cleanup RUN \(executing)
                 \(recording)
                 mosaic-dr cleanup --orphans [--region R | --plan P] [--yes] [--unexpired]
          """,
        about: "remove what a drill has left over, or what any dead drill has",
        run: RunCommands.cleanup),
      Entry(
        name: "undo",
        usage: """
          undo RUN [--yes] \(executing)
                 \(recording)
          """,
        about: "lead users back to where they were before a restore's cut-over",
        run: RunCommands.undo),
      Entry(
        name: "approve", usage: "approve RUN [STEP] [--reason TEXT]",
        about: "agree to what a run waits for",
        run: SteeringCommands.approve),
      Entry(
        name: "pause", usage: "pause RUN [--reason TEXT]",
        about: "lay a run down at its next checkpoint",
        run: SteeringCommands.pause),
      Entry(
        name: "cancel", usage: "cancel RUN [--reason TEXT]",
        about: "give a run up; a drill still cleans up",
        run: SteeringCommands.cancel),
      Entry(
        name: "retry", usage: "retry RUN STEP [--reason TEXT]", about: "try a failed step again",
        run: SteeringCommands.retry),
      Entry(
        name: "skip", usage: "skip RUN STEP --reason TEXT",
        about: "leave a step out; the report says who and why", run: SteeringCommands.skip),
      Entry(
        name: "runs", usage: "runs [--plan NAME] | runs prune --keep-days N [--dry-run]",
        about: "list the latest runs; remove old ones, but never their reports",
        run: WatchCommands.runs),
      Entry(
        name: "show", usage: "show RUN", about: "show how a run stands", run: WatchCommands.show),
      Entry(
        name: "watch", usage: "watch RUN [--output text|json]",
        about: "follow a run from another terminal",
        run: WatchCommands.watch),
      Entry(
        name: "report",
        usage: """
          report RUN [--format text|json|html|md|csv|junit|oscal]
                 mosaic-dr report compare RUN RUN [--max-regression 20%]
                 mosaic-dr report trend --plan NAME
                 mosaic-dr report index DIR [--trust KEYS]
          """,
        about: "show what a run achieved, compare runs, build a portal of all",
        run: ReportCommands.report),
      Entry(
        name: "verify",
        usage: """
          verify FILE|FOLDER [--trust KEYS] [--threshold N] [--plan NAME|SHA256]
                 [--run RUN] [--max-age 30d] [--challenge TEXT]
          """,
        about: "check a report's signatures, digests, chain, figures and place in the ledger",
        run: EvidenceCommands.verify),
      Entry(
        name: "sign", usage: "sign FOLDER --key FILE|agent:NAME|kms:KEY [--passphrase-file FILE]",
        about: "add a signature to a report, as an approver", run: EvidenceCommands.sign),
      Entry(
        name: "ledger",
        usage: """
          ledger [--output text|json]
                 mosaic-dr ledger verify [--trust KEYS] [--checkpoint FILE] [--plans DIR]
                 mosaic-dr ledger prove --checkpoint FILE
                 mosaic-dr ledger anchor [--evidence FILE]
                 mosaic-dr ledger rotate --new-key KEY [--key KEY] [--ledger-key KEY]
                 [--passphrase-file FILE]
          """,
        about: "show, verify, prove, anchor or hand over the append-only record of all runs",
        run: LedgerCommands.ledger),
      Entry(
        name: "schedule",
        usage: """
          schedule [--plan P] [--output text|json]
                 mosaic-dr schedule write|check --systemd DIR [--plan P] [--template]
                 mosaic-dr schedule write|check --kubernetes DIR --image IMAGE [--namespace NAME]
                 [--plan P]
          """,
        about: "show which drills are due or overdue; write what starts them on time",
        run: ScheduleCommands.schedule),
      Entry(
        name: "keys", usage: "keys [--key FILE|agent:NAME|kms:KEY] [--passphrase-file FILE]",
        about: "make and show the signing key", run: EvidenceCommands.keys),
      Entry(
        name: "runbook", usage: "runbook --plan P",
        about: "write what a person does by hand, as Markdown with the exact commands",
        run: RunbookCommand.run),
      Entry(
        name: "doctor", usage: "doctor", about: "look whether this machine can run drills",
        run: DoctorCommand.run),
      Entry(
        name: "completion", usage: "completion bash|zsh|fish",
        about: "print the completion script of a shell", run: HelpCommands.completion),
      Entry(
        name: "manual", usage: "manual [COMMAND] [--format man|markdown]",
        about: "print a manual page, for man(1), or the reference of all commands",
        run: HelpCommands.manual),
    ]
  }

  /// How a run is executed, and with what it is recorded: options of all that execute one.
  private static let executing = "[--parallel N] [--detach-on-approval] [--output text|json]"
  private static let recording =
    "[--key KEY] [--ledger-key KEY] [--passphrase-file FILE] [--evidence FILE]"

  static func run(_ arguments: Arguments, terminal: Terminal) async throws -> ExitCode {
    if arguments.has("--version") {
      terminal.output("mosaic-dr \(Surroundings.version)")
      return .success
    }
    guard let name = arguments.command, name != "help" || !arguments.operands.isEmpty else {
      terminal.output(HelpText.overview(all))
      return .success
    }
    let asked = name == "help" ? arguments.operands[0] : name
    guard let entry = all.first(where: { $0.name == asked }) else {
      throw UsageError(message: "there is no command '\(asked)'", fix: "See 'mosaic-dr --help'.")
    }
    if name == "help" || arguments.has("--help") {
      terminal.output(HelpText.text(on: entry))
      return .success
    }
    if let foreign = arguments.option(unknownTo: entry) {
      throw UsageError(
        message: "'\(name)' knows no option \(foreign)", fix: "See 'mosaic-dr \(name) --help'.")
    }
    return try await entry.run(arguments, terminal)
  }
}
