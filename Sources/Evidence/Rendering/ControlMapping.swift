import Measurement
import Platform
import RunJournal

/// A control of a framework that a run is evidence for.
public struct ControlReference: Sendable, Equatable {
  /// The framework: `SOC 2`.
  public let framework: String
  /// The control's identifier: `A1.3`.
  public let control: String
  /// What it asks for, in a few words.
  public let asks: String
}

/// Which controls a run speaks to. The list is evidence for an assessor, not a judgement.
enum ControlMapping {
  /// What every recovery run is evidence for.
  private static let common: [ControlReference] = [
    .init(framework: "NIST SP 800-53", control: "CP-4", asks: "the contingency plan is tested"),
    .init(framework: "NIST SP 800-53", control: "CP-9", asks: "backups are tested by restoring"),
    .init(
      framework: "NIST SP 800-53", control: "CP-10", asks: "recovery to a known state in time"),
    .init(framework: "FedRAMP", control: "CP-4", asks: "a functional exercise at least yearly"),
    .init(framework: "SOC 2", control: "A1.2", asks: "backup and recovery infrastructure operate"),
    .init(framework: "SOC 2", control: "A1.3", asks: "recovery procedures are tested"),
    .init(framework: "ISO/IEC 27001", control: "A.5.30", asks: "ICT readiness is tested"),
    .init(framework: "ISO/IEC 27001", control: "A.8.13", asks: "backups are tested"),
    .init(framework: "ISO/IEC 27001", control: "A.8.14", asks: "redundancy suffices"),
    .init(framework: "HIPAA", control: "164.308(a)(7)(ii)(D)", asks: "testing and revision"),
    .init(framework: "PCI DSS", control: "12.10.2", asks: "the plan is tested yearly"),
    .init(framework: "DORA", control: "Art. 11(6)", asks: "recovery plans are tested yearly"),
    .init(framework: "DORA", control: "Art. 12", asks: "restoration from backups is tested"),
  ]

  /// The controls of a run: the common ones, and those that the plan adds.
  static func controls(of report: RunReport) -> [ControlReference] {
    common + added(report.creation.options["controls"] ?? "")
  }

  /// `Framework: control; Framework: control`, as the run's options keep it.
  private static func added(_ text: String) -> [ControlReference] {
    text.split(separator: ";").compactMap { part in
      let words = part.split(separator: ":", maxSplits: 1).map { $0.trimmingWhitespace() }
      guard words.count == 2 else { return nil }
      return ControlReference(
        framework: words[0], control: words[1], asks: "named by the plan")
    }
  }
}
