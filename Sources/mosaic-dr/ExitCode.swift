import Evidence
import RunJournal

/// What the process says to whoever started it. The numbers are part of the command line's promise.
enum ExitCode: Int32, CaseIterable {
  /// Done, and objectives met.
  case success = 0
  /// Something failed that is no run.
  case failure = 1
  /// Usage, or an invalid plan.
  case usage = 2
  /// Recovered, but an objective was missed or not measured.
  case objectiveMissed = 3
  /// The run failed.
  case runFailed = 4
  /// Paused, or waiting for an approval.
  case paused = 5
  /// A signature, digest or chain does not hold.
  case verificationFailed = 6
  /// Not ready: credentials or access are missing.
  case notReady = 7
  /// Interrupted or cancelled: a restore can be resumed; a drill has cleaned up and is over.
  case interrupted = 130

  /// What it means, for manual pages.
  var meaning: String {
    switch self {
    case .success: "done, and objectives met"
    case .failure: "an error that is no run"
    case .usage: "usage, or an invalid plan"
    case .objectiveMissed: "recovered, but an objective was missed or not measured"
    case .runFailed: "the run failed"
    case .paused: "paused, waiting for an approval, or out of disk space: resumable"
    case .verificationFailed: "verification failed"
    case .notReady:
      "not ready: credentials, what preflight and doctor look at, or a drill that is overdue or refused"
    case .interrupted:
      "interrupted or cancelled: a restore can be resumed; a drill has cleaned up and is over"
    }
  }

  init(for error: any Error) {
    switch error {
    case is RunLaidDown: self = .paused
    case let error as SQLiteError where error.isDiskFull: self = .paused
    case LedgerFault.notBegun: self = .failure
    case is BrokenChain, is LedgerFault: self = .verificationFailed
    case is StartNotRecorded: self = .notReady
    default: self = .failure
    }
  }
}

/// The words of a command do not make sense.
struct UsageError: Error {
  let message: String
  let fix: String
}
