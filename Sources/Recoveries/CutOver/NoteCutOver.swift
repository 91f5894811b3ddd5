import Platform
public import RunEngine
public import RunJournal

/// What a cut-over step leaves for the report.
struct CutOverRecord: Codable, Sendable {
  /// When the change was in force.
  let changedAt: Timestamp
  /// For how many seconds users may still go by the old value.
  let lingers: Int
}

/// Notes the instant from which every user reaches what was recovered: when the last change was in
/// force, and what was kept of the old has run out.
public struct NoteCutOver: ObservingStep {
  /// The instant.
  public struct Output: Codable, Sendable {
    let at: Timestamp
  }

  public static let kind = "cut-over"
  public static let phase = StepPhase.cutover

  let steps: [String]

  public var summary: String { "note that users reach what was recovered" }

  public func observe(_ context: StepContext) async throws -> Observation<Output> {
    let now = context.time.now().wall
    // One that was left out has no output.
    let records = steps.compactMap { try? context.output(of: $0, as: CutOverRecord.self) }
    let ends = records.map { $0.changedAt + .seconds($0.lingers) }
    let at = max(now, ends.max() ?? now)
    let longest = records.map(\.lingers).max() ?? 0
    context.note(
      Moment(
        .cutOver, of: context.component, at: at, evidence: at > now ? .inferred : .measured,
        source: longest > 0
          ? "the change in force, and the \(longest) s for which the old record may be kept"
          : "every change in force"))
    return .ready(Output(at: at))
  }
}
