import Glibc
import Platform
import RunJournal

/// Who watches the run and asks for things, each of them once: what was asked for must not get
/// lost, whenever the process dies.
struct Person: Sendable {
  let journal: Journal
  let run: ULID
  let folder: String
  let cancels: Bool

  func see(_ event: JournalEvent) {
    switch (event.type, event.step) {
    case (.approvalRequested, _): ask(.approve, event.step, reason: nil)
    case (.stepWaiting, "hang"): ask(.skip, "hang", reason: "it never ends")
    case (.effectConfirmed, "left.make") where cancels: ask(.cancel, nil, reason: nil)
    default: break
    }
  }

  private func ask(_ action: OperatorRequest.Action, _ step: String?, reason: String?) {
    // Right after the request is on the disk this says so; a person would not ask again.
    let mark = "\(folder)/asked-\(action.rawValue)"
    guard access(mark, F_OK) != 0 else { return }
    let request = OperatorRequest(action: action, step: step, reason: reason, by: "ada@terminal")
    Task { [journal, run] in
      try await journal.ask(request, of: run.description)
      if let file = fopen(mark, "w") { fclose(file) }
    }
  }
}
