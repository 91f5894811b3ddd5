import KubernetesClient
import StrictJSON

/// Where a Restore of Velero stands (restore_types.go of v1.18). Whole words: a phase that is still
/// under way has `PartiallyFailed` in its name.
enum RestorePhase: Equatable {
  case new
  case inProgress
  /// Data of volumes is still on its way.
  case waitingForPlugins
  /// Volumes and hooks are waited for.
  case finalizing
  case completed
  case partiallyFailed
  case failed
  case failedValidation
  /// One that this version does not know: it is waited out.
  case unknown(String)

  init(_ restore: JSONValue) {
    switch restore.at("status", "phase")?.stringValue ?? "" {
    case "", "New": self = .new
    case "InProgress": self = .inProgress
    case "WaitingForPluginOperations", "WaitingForPluginOperationsPartiallyFailed":
      self = .waitingForPlugins
    case "Finalizing", "FinalizingPartiallyFailed": self = .finalizing
    case "Completed": self = .completed
    case "PartiallyFailed": self = .partiallyFailed
    case "Failed": self = .failed
    case "FailedValidation": self = .failedValidation
    case let other: self = .unknown(other)
    }
  }
}
