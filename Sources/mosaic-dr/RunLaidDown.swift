import Platform
import RunJournal

/// The journal could not be written: the run stands where it stood.
struct RunLaidDown: ExplainedError {
  let run: ULID
  let cause: SQLiteError

  var summary: String { cause.summary }
  var subject: String? { cause.subject }
  var reason: String { cause.reason }
  var remedy: String {
    "\(cause.remedy) Nothing is lost: then go on with 'mosaic-dr resume \(run)'."
  }
}
