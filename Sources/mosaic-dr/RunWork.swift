import Platform
import Recoveries
import RunJournal

extension Surroundings {
  /// Removes the files that steps of a run have left to go on with, unless somebody executes it: who does
  /// removes them at its end.
  func removeWork(of run: String, plan: String, _ journal: Journal) async throws {
    let lease: Lease
    do {
      lease = try await journal.acquireLease(of: run, by: .current())
    } catch is LeaseRefused {
      return
    }
    let removal = Result { try InventoryWork.remove(of: run, in: reportsFolder(of: plan)) }
    try await journal.release(lease)
    _ = try removal.get()
  }
}
