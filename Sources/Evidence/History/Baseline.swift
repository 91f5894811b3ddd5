public import Measurement

/// The figures of an earlier run that others are held against; milliseconds.
public struct Baseline: Sendable, Codable, Equatable {
  /// The run.
  public let run: String
  /// Its achieved RTO.
  public let rto: Int64?
  /// Its achieved RPO.
  public let rpo: Int64?
  /// Each component's RTO and RPO.
  public let components: [Component]

  /// The figures of a component.
  public struct Component: Sendable, Codable, Equatable {
    /// The name.
    public let name: String
    /// Its achieved RTO.
    public let rto: Int64?
    /// Its achieved RPO.
    public let rpo: Int64?

    enum CodingKeys: String, CodingKey {
      case name
      case rto = "rto_ms"
      case rpo = "rpo_ms"
    }
  }

  /// Takes the figures of a run over.
  public init(run: String, figures: RunFigures) {
    self.run = run
    rto = figures.rto.achieved
    rpo = figures.rpo.achieved
    components = figures.components.map { Component(name: $0.name, rto: $0.rto, rpo: $0.rpo) }
  }

  enum CodingKeys: String, CodingKey {
    case run, components
    case rto = "rto_ms"
    case rpo = "rpo_ms"
  }
}

/// One figure of two runs; milliseconds.
public struct Change: Sendable, Equatable {
  /// `RTO`, `RPO`, or a component with one of them.
  public let name: String
  /// The earlier figure.
  public let before: Int64?
  /// The later figure.
  public let after: Int64?

  /// By how many percent the figure grew, rounded up; nil when one is missing or there was nothing
  /// to grow from.
  public var growth: Int64? {
    guard let before, let after, before > 0 else { return nil }
    let (scaled, overflow) = (after - before).multipliedReportingOverflow(by: 100)
    guard !overflow else { return nil }
    return scaled >= 0 ? (scaled + before - 1) / before : scaled / before
  }
}

/// Two runs of a plan, figure by figure.
public struct Comparison: Sendable, Equatable {
  /// The earlier run.
  public let baseline: String
  /// The figures: of the plan, then of each component.
  public let changes: [Change]

  /// Below this many milliseconds a growth is not told from chance.
  static let noise: Int64 = 1_000
  /// By more than so many percent a figure grows only when something has become worse.
  static let usualGrowth: Int64 = 20

  /// Compares a run's figures with earlier ones.
  public init(of figures: RunFigures, with baseline: Baseline) {
    self.baseline = baseline.run
    var changes = [
      Change(name: "RTO", before: baseline.rto, after: figures.rto.achieved),
      Change(name: "RPO", before: baseline.rpo, after: figures.rpo.achieved),
    ]
    for component in figures.components {
      let before = baseline.components.first { $0.name == component.name }
      changes.append(
        Change(name: "\(component.name) RTO", before: before?.rto, after: component.rto))
      changes.append(
        Change(name: "\(component.name) RPO", before: before?.rpo, after: component.rpo))
    }
    self.changes = changes
  }

  /// The figures that grew by more than so many percent, and by more than a second.
  public func regressions(beyond percent: Int64) -> [Change] {
    changes.filter { change in
      guard let growth = change.growth, let before = change.before, let after = change.after
      else { return false }
      return growth > percent && after - before > Self.noise
    }
  }
}
