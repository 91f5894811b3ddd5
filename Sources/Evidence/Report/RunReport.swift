import Compression
import Cryptography
public import Measurement
import Platform
public import RunJournal
public import StrictJSON

/// The record of a run: what it was asked for, every event, and what follows from them.
public struct RunReport: Sendable {
  /// The version of the format.
  public static let format = "https://dr.mosaic.life/report/v2"
  /// The largest record.
  public static let maximumSize = ZstdFrame.maximumContent
  static let limits = JSONLimits(size: maximumSize, depth: JSONLimits.standard.depth)

  /// The run's events.
  public let events: [JournalEvent]
  /// The figures that follow from them.
  public let figures: RunFigures
  /// The story that follows from them.
  public let account: RunAccount
  /// What the run was created with.
  public let creation: RunCreation
  /// The latest drill of the plan that passed before this run; nil without one.
  public let baseline: Baseline?

  /// Nil when the events are not those of a run.
  public init?(_ events: [JournalEvent], baseline: Baseline? = nil) {
    guard let creation = events.first.flatMap({ try? $0.body.decode(RunCreation.self) }),
      let figures = RunFigures(events),
      let account = RunAccount(
        events, figures: figures,
        regressions: Self.regressions(of: figures, creation.options, since: baseline))
    else { return nil }
    self.events = events
    self.figures = figures
    self.account = account
    self.creation = creation
    self.baseline = baseline
  }

  /// The identifier of the run.
  public var run: String { events.first?.run ?? "" }

  /// Which of its ends this is: a run that went on after its end has a report for each.
  public var ending: Int { max(1, events.count { $0.type == .runFinished }) }

  /// What kind of event the run was: an exercise, or a recovery from what had really happened.
  public var incident: String { creation.mode == .drill ? "simulated" : "real" }

  /// The option of a run that says by how many percent its RTO and RPO may grow.
  public static let regressionOption = "max_regression"

  /// By how many percent RTO and RPO may have grown for the run to count as done; nil for no bound.
  public var regressionGate: Int64? { Self.regressionGate(creation.options) }

  private static func regressionGate(_ options: [String: String]) -> Int64? {
    options[regressionOption].flatMap { Int64($0) }
  }

  /// What has become worse since the last drill that passed, a clause each.
  private static func regressions(
    of figures: RunFigures, _ options: [String: String], since baseline: Baseline?
  ) -> [String] {
    guard let baseline else { return [] }
    let allowed = regressionGate(options) ?? Comparison.usualGrowth
    return Comparison(of: figures, with: baseline).regressions(beyond: allowed).map { change in
      "the \(change.name) grew by \(change.growth ?? 0) % since the last drill that passed, "
        + "\(baseline.run): from \(OutputText.readable(change.before)) to "
        + OutputText.readable(change.after)
    }
  }

  /// The figures against those of the baseline; nil without one.
  public var comparison: Comparison? { baseline.map { Comparison(of: figures, with: $0) } }

  /// The events one to a line, in canonical JSON: the journal as a file.
  public func journalLines() throws(JSONWriteError) -> [UInt8] {
    var lines: [UInt8] = []
    for event in events { lines += try event.json.canonicalBytes() + [0x0A] }
    return lines
  }

  /// The report as JSON.
  public func json() throws -> JSONValue {
    var operatorBody = try JSONValue(encoding: creation.operatorIdentity).objectValue ?? [:]
    operatorBody["aws_account"] = creation.options["aws_account"].map { .string($0) }
    operatorBody["aws_identity"] = creation.options["aws_identity"].map { .string($0) }
    var json: JSONObject = [
      "format": .string(Self.format), "run": .string(run), "ending": .integer(Int64(ending)),
      "plan": [
        "name": .string(creation.plan), "sha256": .string(creation.planDigest),
        "included": try JSONValue(encoding: creation.includedPlans ?? [:]),
      ],
      "mode": .string(creation.mode.rawValue), "incident": .string(incident),
      "operator": .object(operatorBody), "options": try JSONValue(encoding: creation.options),
      "tool": ["name": "mosaic-dr", "version": .string(creation.version)],
      "scope": .array(figures.components.map { .string($0.name) }),
      "figures": try JSONValue(encoding: figures), "account": try JSONValue(encoding: account),
      "events": .array(events.map(\.json)),
      "journal": [
        "events": .integer(Int64(events.count)), "last_hash": .string(events.last?.hash ?? ""),
        "sha256": .string(SHA256.digest(of: try journalLines()).hex),
      ],
    ]
    json["baseline"] = try baseline.map { try JSONValue(encoding: $0) }
    return .object(json)
  }

  /// Reads a report back and computes again all that follows from its events.
  ///
  /// - Throws: ``ReportFault`` with the first thing in it that does not follow.
  public init(json: JSONValue) throws(ReportFault) {
    guard json["format"]?.stringValue == Self.format else {
      throw ReportFault("its format is not one that this version knows")
    }
    let rows = json["events"]?.arrayValue ?? []
    let events = rows.compactMap(JournalEvent.init(json:))
    let baseline = try? json["baseline"]?.decode(Baseline.self)
    guard events.count == rows.count, let rebuilt = RunReport(events, baseline: baseline) else {
      throw ReportFault("its events cannot be read")
    }
    do throws(BrokenChain) { _ = try EventChain.verify(events) } catch {
      throw ReportFault("\(error)")
    }
    guard let again = try? rebuilt.json().objectValue, let given = json.objectValue else {
      throw ReportFault("it cannot be written again")
    }
    for (key, value) in again.members where given[key] != value {
      throw ReportFault("its \(key) does not follow from its events")
    }
    guard given.members.count == again.members.count else {
      throw ReportFault("it holds something that does not follow from its events")
    }
    self = rebuilt
  }
}

/// What is wrong with a report.
public struct ReportFault: Error, Equatable {
  /// The reason, as a clause.
  public let reason: String

  init(_ reason: String) { self.reason = reason }
}
