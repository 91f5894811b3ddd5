import Evidence
import Measurement
import Platform
import RunEngine
import RunJournal
import StrictJSON

/// How a command that executes or follows a run has ended.
struct RunEnd {
  /// In a word, which stays.
  enum Outcome: String {
    case finished, paused, interrupted, refused, failed
    case waitingForApproval = "waiting_for_approval"
    /// The run is followed, and nobody executes it.
    case laidDown = "laid_down"
    /// The run is followed, and whoever read it has gone.
    case unread
    /// A timer asked for a drill that is not due.
    case notDue = "not_due"
    /// Nothing is left over that `cleanup` could remove.
    case nothingLeft = "nothing_left"
    /// The plan has mistakes, or what it needs cannot even be asked for.
    case notReady = "not_ready"
  }

  let outcome: Outcome
  let code: ExitCode
  var run: String?
  var report: RunReport?
  var folder: String?
  var reason: String?
  /// The command that goes on.
  var next: String?

  init(_ outcome: Outcome, _ code: ExitCode) {
    self.outcome = outcome
    self.code = code
  }

  /// A command that ended in an error.
  init(_ error: any Error) {
    if let error = error as? UsageError {
      self.init(.failed, .usage)
      reason = error.message
      next = error.fix
    } else {
      self.init(.failed, ExitCode(for: error))
      let explained = error as? any ExplainedError
      reason = explained?.description ?? String(describing: error)
      next = explained?.remedy
    }
  }

  /// The same end with another exit code.
  func coded(_ code: ExitCode) -> RunEnd {
    var end = RunEnd(outcome, code)
    (end.run, end.report, end.folder) = (run, report, folder)
    return end
  }

  var json: JSONValue {
    var json: JSONObject = [
      "type": "outcome", "outcome": .string(outcome.rawValue),
      "exit_code": .integer(Int64(code.rawValue)),
    ]
    json["run"] = run.map { .string($0) }
    json["reason"] = reason.map { .string($0) }
    json["next"] = next.map { .string($0) }
    json["report"] = folder.map { .string($0) }
    if let report {
      json["plan"] = .string(report.creation.plan)
      json["mode"] = .string(report.creation.mode.rawValue)
      json["verdict"] = .string(report.figures.verdict.rawValue)
      json["rto_ms"] = report.figures.rto.achieved.map { .integer($0) } ?? .null
      json["rpo_ms"] = report.figures.rpo.achieved.map { .integer($0) } ?? .null
    }
    return .object(json)
  }
}
