import Platform
public import RecoveryPlan
public import RunEngine

/// The recovery as a person does it by hand when this program is not to be had: Markdown with the exact
/// commands, derived from what the steps declare.
public struct Runbook {
  /// What stands for the run in names and tags: a runbook must be the same whenever it is written.
  public static let byHand = "00000000000000000000BYHAND"

  private let plan: RecoveryPlan
  private let digest: String
  private let nodes: [StepNode]

  /// - Parameters:
  ///   - digest: SHA-256 of the plan's exact bytes.
  ///   - nodes: the steps of a restore, compiled for the run ``byHand``, in an order that works.
  public init(of plan: RecoveryPlan, digest: String, nodes: [StepNode]) {
    self.plan = plan
    self.digest = digest
    self.nodes = nodes.filter { $0.calls.isEmpty || $0.calls.contains(where: \.isByHand) }
  }

  /// The document.
  public var markdown: String {
    var known: Set<String> = []
    let steps = nodes.enumerated().map { index, node in section(index + 1, node, &known) }
    return ([head] + steps + [way(back: nodes)]).joined(separator: "\n\n") + "\n"
  }

  private var head: String {
    let objectives = [
      plan.rto.map { "RTO \($0.readable)" }, plan.rpo.map { "RPO \($0.readable)" },
    ].compactMap { $0 }
    return """
      # \(plan.name) by hand

      <!-- Made by: mosaic-dr runbook --plan \(plan.name). Do not edit; the plan's SHA-256 is \(digest). -->

      \(plan.primaryRegion) → \(plan.recoveryRegion)\(objectives.isEmpty ? "" : "; \(objectives.joined(separator: ", "))").

      Use this when `mosaic-dr restore --plan \(plan.name)` cannot be run. Work in one `bash`, from top to bottom: later commands use what
      earlier ones found. Stop at the first command that fails, and read its message. Write down the moment of the loss, and when each
      step ended.

      You need \(tools), and the credentials of the recovery account:

      ```sh
      set -euo pipefail
      aws sts get-caller-identity --region \(plan.recoveryRegion)
      ```
      """
  }

  /// The programs that the commands are of; `export` is the shell's own.
  private var tools: String {
    let calls = nodes.flatMap(\.calls).filter(\.isByHand)
    let edits = calls.contains { $0.takes != nil } ? ["jq"] : []
    let names = Set(["aws"] + edits + calls.compactMap(\.command.first))
    return names.subtracting(["export"]).sorted().map { "`\($0)`" }.joined(separator: ", ")
  }

  private func section(_ number: Int, _ node: StepNode, _ known: inout Set<String>) -> String {
    var parts = ["## \(number). \(node.id)", sentence(node.summary)]
    let (aside, needed) = split(node.calls.filter(\.isByHand)) {
      $0.effect == .reads && isAside($0, in: node)
    }
    let (open, sure) = split(needed) { call in
      defer { known.formUnion(call.finds.map(\.what)) }
      return !ShellText.placeholders(in: filled(call.words, of: node)).isSubset(of: known)
    }
    if !sure.isEmpty { parts.append(block(unique(sure.flatMap { lines($0, of: node) }))) }
    if sure.contains(where: { $0.absence != nil }) { parts.append(Self.absenceRemark) }
    parts += remarks(of: sure, in: node)
    if !open.isEmpty {
      parts.append("For each thing that it concerns, in place of what stands in angle brackets:")
      parts.append(template(open, of: node))
      parts += remarks(of: open, in: node)
    }
    if node.policy.waitsForPerson { parts.append("Write down who agreed, and when.") }
    if !aside.isEmpty {
      parts.append("To look at it, and if it does not come up:")
      parts.append(template(aside, of: node))
    }
    return parts.joined(separator: "\n\n")
  }

  private static let absenceRemark =
    "A setting that is not there is refused with the code behind `grep`; that is no failure, but an answer."

  private func remarks(of calls: [PlannedCall], in node: StepNode) -> [String] {
    unique(calls.compactMap { filled($0, of: node).remark })
  }

  private func split(
    _ calls: [PlannedCall], where isFirst: (PlannedCall) -> Bool
  ) -> ([PlannedCall], [PlannedCall]) {
    calls.reduce(into: ([], [])) { parts, call in
      if isFirst(call) { parts.0.append(call) } else { parts.1.append(call) }
    }
  }

  /// Commands that are read, not run as they stand.
  private func template(_ calls: [PlannedCall], of node: StepNode) -> String {
    block(
      unique(calls.map { ShellText.command(filled($0.command, of: node), isTemplate: true) }),
      isToBeRun: false)
  }

  /// One command may stand for several calls.
  private func unique(_ lines: [String]) -> [String] {
    lines.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }

  /// Of a step that changes something, the reads from whose answers nothing is taken only look on.
  private func isAside(_ call: PlannedCall, in node: StepNode) -> Bool {
    node.changesSomething && call.keeps == nil && !isUsed(call.finds)
  }

  private func isUsed(_ finds: [PlannedCall.Find]) -> Bool {
    let words = nodes.flatMap(\.calls).flatMap(\.words)
    return finds.contains { find in words.contains { $0.contains("<\(find.what)>") } }
  }

  private func lines(_ call: PlannedCall, of node: StepNode) -> [String] {
    let call = filled(call, of: node)
    var lines: [String] = []
    var command = call.command
    var condition = ""
    if let taken = call.takes {
      let program = ["jq"] + (taken.files.count > 1 ? ["--slurp"] : []) + [taken.program]
      lines.append("\(ShellText.command(program + taken.files)) > \(taken.file)")
      command += ["--cli-input-json", "file://\(taken.file)"]
      if taken.mayBeNothing { condition = "test ! -s \(taken.file) || " }
    }
    let used = call.finds.filter { isUsed([$0]) }
    if let kept = call.keeps { lines.append(keeping(kept, command)) }
    lines += used.map { find in
      let told = ShellText.command(command + find.options) + (find.isLast ? " | tail -n 1" : "")
      return "\(ShellText.variable(find.what))=$(\(told)\(call.isOptional ? " || true" : ""))"
    }
    if call.keeps == nil, used.isEmpty {
      let input = call.input.map { " " + ShellText.document($0) } ?? ""
      lines.append(condition + ShellText.command(command) + input + allowance(call))
    }
    // A change shows in the status only after a moment; until then a wait would end at once.
    if !call.waits.isEmpty, call.effect == .changes { lines.append("sleep 30") }
    return lines + call.waits.map { ShellText.command($0) }
  }

  /// The message is shown in any case, and only one refusal passes.
  private func allowance(_ call: PlannedCall) -> String {
    guard let code = call.absence else { return "" }
    return " 2>&1 | tee answer.txt \\\n  || grep --quiet \(ShellText.word(code)) answer.txt"
  }

  private func keeping(_ kept: PlannedCall.Kept, _ command: [String]) -> String {
    let line = "\(ShellText.command(command + kept.options)) > \(kept.file)"
    guard let otherwise = kept.otherwise else { return line }
    return "\(line) \\\n  || echo \(ShellText.word(otherwise)) > \(kept.file)"
  }

  /// What marks the work of a run has its values here too, so that it can be found again.
  private func filled(_ command: [String], of node: StepNode) -> [String] {
    command.map { filled($0, of: node) }
  }

  private func filled(_ word: String, of node: StepNode) -> String {
    let values = [
      "<run>": Self.byHand, "<step>": node.id, "<mode>": "restore", "<digest>": "by-hand",
    ]
    return values.reduce(word) { $0.replacing($1.key, with: $1.value) }
  }

  private func filled(_ call: PlannedCall, of node: StepNode) -> PlannedCall {
    call.mapping { filled($0, of: node) }
  }

  private func way(back nodes: [StepNode]) -> String {
    let made = nodes.filter { !$0.wayBack.isEmpty }.reversed()
    let removals = made.flatMap { node in
      node.wayBack.filter { !$0.isOptional && [.deletes, .changes].contains($0.effect) }
        .map { ShellText.command(filled($0.command, of: node)) }
    }
    guard !removals.isEmpty else { return "## The way back\n\nNothing was made." }
    return """
      ## The way back

      What was there before was not touched. To give up, delete what was made here, and nothing else; look at its tags first
      (`mosaic-dr:run` is `\(Self.byHand)`):

      \(block(removals, isToBeRun: false))
      """
  }

  private func block(_ lines: [String], isToBeRun: Bool = true) -> String {
    "```\(isToBeRun ? "sh" : "console")\n\(lines.joined(separator: "\n"))\n```"
  }

  private func sentence(_ text: String) -> String {
    let end = text.hasSuffix(".") ? "" : "."
    return text.prefix(1).uppercased() + text.dropFirst() + end
  }
}

extension PlannedCall {
  /// Who works by hand leaves out what a step can do without, unless something is taken from it: it may
  /// need the lost region.
  fileprivate var isByHand: Bool {
    !isByProgramAlone && (!isOptional || keeps != nil || !finds.isEmpty)
  }

  /// The command and what it reads, where placeholders may stand.
  fileprivate var words: [String] { command + (input.map { [$0] } ?? []) }
}
