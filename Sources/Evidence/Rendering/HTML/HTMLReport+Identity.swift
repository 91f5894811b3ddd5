import Measurement
import Platform
import RunJournal

/// Who, with what, by which controls, and how to check it.
extension HTMLReport {
  static func environment(_ report: RunReport) -> String {
    let creation = report.creation
    let who = creation.operatorIdentity
    var rows: [(String, String)] = [
      ("Run", report.run), ("Plan", creation.plan), ("Plan SHA-256", creation.planDigest),
    ]
    rows += (creation.includedPlans ?? [:]).sorted { $0.key < $1.key }.map {
      ("Included plan \($0.key)", $0.value)
    }
    rows += [
      ("Mode", creation.mode.rawValue), ("Incident", report.incident),
      ("Scenario", creation.options["scenario"] ?? "not stated in the plan"),
      ("Scope", HTMLPage.chain(report.figures.components.map(\.name), by: ", ")),
      ("Asked for by", "\(who.user)@\(who.host)"),
      ("AWS account", creation.options["aws_account"] ?? "unknown"),
      ("AWS identity", creation.options["aws_identity"] ?? "unknown"),
      ("Tool", "mosaic-dr \(creation.version)"),
    ]
    rows += creation.options.sorted { $0.key < $1.key }
      .filter { !["aws_account", "aws_identity", "scenario", "controls"].contains($0.key) }
      .map { ("Option \($0.key)", $0.value) }
    rows += report.account.executors.map {
      ("Executed by", "\($0.user)@\($0.host), process \($0.process), boot \($0.boot)")
    }
    let approvals = report.account.approvals.map { approval -> [HTMLPage.Cell] in
      [.init(approval.by), .init(approval.step), .init(approval.at.description)]
    }
    let jumps = report.events.count { $0.type == .clockJumped }
    rows.append(("Clock", jumps == 0 ? "no jump was seen" : "it jumped \(jumps) time(s)"))
    return HTMLPage.section(
      "environment", "Who, what and with what", isLong: true,
      HTMLPage.table(
        caption: "Identity of the run", ["Field", "Value"], rows.map { [.init($0), .init($1)] })
        + HTMLPage.table(caption: "Approvals", ["Who", "Step", "When (UTC)"], approvals))
  }

  static func controls(_ report: RunReport) -> String {
    let rows = ControlMapping.controls(of: report).map { control -> [HTMLPage.Cell] in
      [.init(control.framework), .init(control.control), .init(control.asks)]
    }
    return HTMLPage.section(
      "controls", "Controls this is evidence for", isLong: true,
      HTMLPage.table(
        caption: "Evidence for an assessor, who judges", ["Framework", "Control", "Asks that"], rows
      ))
  }

  static func verifying(_ report: RunReport) -> String {
    HTMLPage.section(
      "verify", "How to verify",
      """
      <p>This page is a rendering of <code>report.json.zst</code> beside it. Both digests are signed \
      in <code>report.intoto.json</code>. Get the public key from elsewhere than this folder.</p>
      <pre>mosaic-dr verify . --trust KEYS
      minisign -VHm report.json.zst -p key.pub</pre>
      <p>The journal holds \(report.events.count) events; the hash of the last is \
      <code>\(OutputText.markup(report.events.last?.hash ?? ""))</code>.</p>
      """)
  }
}
