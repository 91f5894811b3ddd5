import Platform
public import RecoveryPlan
public import RunEngine
public import StrictJSON

/// What a change of a plan would mean: the terms and the steps of two of its versions against each other.
public struct PlanChange: Sendable, Equatable {
  /// What happens to one step.
  public enum Kind: String, Sendable {
    case added, removed, changed
  }

  /// A step that is not as it was.
  public struct Entry: Sendable, Equatable {
    /// What happens to it.
    public let kind: Kind
    /// The step.
    public let step: String
    /// What it does now, or did.
    public let summary: String
    /// What differs, as `aspect: before → after`, in a fixed order.
    public let differences: [String]
  }

  /// What differs beside the steps: objectives, approvals, schedule, regions, tags, isolation.
  public let terms: [TermChange]
  /// The steps that differ, in the order of the new version, the removed ones last.
  public let entries: [Entry]

  /// A plan and the steps that it compiles to.
  public typealias Version = (plan: RecoveryPlan, steps: [StepNode])

  /// Compares two versions; both must be compiled for the same run, so that names that carry the run are
  /// the same.
  public init(from former: Version, to present: Version) {
    let (old, new) = (former.steps, present.steps)
    terms = PlanTerms(old: former.plan, new: present.plan).changes
    let before = Dictionary(old.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    let after = Set(new.map(\.id))
    entries =
      new.compactMap { node in
        guard let former = before[node.id] else {
          return Entry(
            kind: .added, step: node.id, summary: node.summary,
            differences: Self.effects(node).map { "effect: \($0)" })
        }
        let differences = Self.differences(former, node)
        return differences.isEmpty
          ? nil
          : Entry(
            kind: .changed, step: node.id, summary: node.summary, differences: differences)
      }
      + old.filter { !after.contains($0.id) }.map {
        Entry(kind: .removed, step: $0.id, summary: $0.summary, differences: [])
      }
  }

  private static func differences(_ old: StepNode, _ new: StepNode) -> [String] {
    var told: [String] = []
    let compare = { (aspect: String, old: String, new: String) in
      if old != new { told.append("\(aspect): \(old) → \(new)") }
    }
    compare("kind", old.kind, new.kind)
    compare("what it does", old.summary, new.summary)
    compare(
      "waits for", old.dependsOn.joined(separator: ", "), new.dependsOn.joined(separator: ", "))
    compare("bound", old.policy.timeout.readable, new.policy.timeout.readable)
    compare(
      "effects", effects(old).joined(separator: "; "), effects(new).joined(separator: "; "))
    let calls = { (node: StepNode) in node.calls.map { $0.command.joined(separator: " ") } }
    let (former, present) = (calls(old), calls(new))
    told += former.filter { !present.contains($0) }.map { "no longer: \($0)" }
    told += present.filter { !former.contains($0) }.map { "now: \($0)" }
    return told
  }

  private static func effects(_ node: StepNode) -> [String] {
    node.effects.map { "\($0.verb.rawValue) \($0.what)" }
  }

  /// The change as JSON, for programs.
  public var json: JSONValue {
    let steps = entries.map { entry -> JSONValue in
      [
        "change": .string(entry.kind.rawValue), "step": .string(entry.step),
        "summary": .string(entry.summary),
        "differences": .array(entry.differences.map { .string($0) }),
      ]
    }
    return ["terms": .array(terms.map(\.json)), "steps": .array(steps)]
  }

  /// The change for people: the terms, then the steps with `+`, `-` and `~` before each.
  public var text: String {
    if terms.isEmpty, entries.isEmpty { return "Nothing would change." }
    let marks: [Kind: String] = [.added: "+", .removed: "-", .changed: "~"]
    let steps = entries.flatMap { entry in
      ["\(marks[entry.kind] ?? "?") \(entry.step)  \(entry.summary)"]
        + entry.differences.map { "    \($0)" }
    }
    return (terms.map { "~ \($0.text)" } + (steps.isEmpty ? ["The steps are the same."] : steps))
      .joined(separator: "\n")
  }
}
