import AWSClient
import Recoveries
import RecoveryPlan
import RunEngine

/// What a restore is about to do, in plain words, for the person who has to say yes to it.
enum UndertakingText {
  static func text(
    _ undertaking: Undertaking, of plan: RecoveryPlan, as identity: CallerIdentity
  ) -> String {
    var lines = [
      "This restores \(plan.name) for good.", "", "  account      \(identity.account)",
      "  as           \(identity.arn)", "  region       \(plan.recoveryRegion)", "",
    ]
    lines += section("It will create", undertaking.what(.creates))
    lines += section("It will change", undertaking.what(.changes))
    lines += section("It will delete", undertaking.what(.deletes))
    if !undertaking.others.isEmpty {
      lines += section(
        "On the way it will also call",
        undertaking.others.map { "\($0.name), \($0.place)" })
    }
    return (lines + section("It will not touch", untouched(undertaking, plan)))
      .joined(separator: "\n")
  }

  private static func untouched(_ undertaking: Undertaking, _ plan: RecoveryPlan) -> [String] {
    var lines: [String] = []
    switch undertaking.touch(of: plan.primaryRegion) {
    case .notAtAll: lines.append("\(plan.primaryRegion), where the loss is: it is not called")
    case .onlyRead(let calls):
      lines.append(
        "\(plan.primaryRegion), where the loss is: only read (\(calls.joined(separator: ", ")))")
    case .changed: break
    }
    return lines + ["anything else: its other \(undertaking.readingCalls) calls only read"]
  }

  private static func section(_ title: String, _ rows: [String]) -> [String] {
    [title] + (rows.isEmpty ? ["nothing"] : rows).map { "  \($0)" }
  }
}
