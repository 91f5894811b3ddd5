import AWSClient
import BucketComparison
import HTTPClient
import KubernetesClient
import PostgresClient
public import RunEngine

/// What the errors of the clients mean for a step.
public enum Faults {
  private static let taken: Set<String> = [
    "DBInstanceAlreadyExists", "DBSnapshotAlreadyExists", "DBClusterAlreadyExistsFault",
    "AlreadyExistsException",
  ]
  private static let busy: Set<String> = ["InvalidDBInstanceState", "InvalidDBClusterStateFault"]

  /// Sorts an error into "may go away", "unknown whether it took effect" and "needs a person".
  public static func classify(_ error: any Error) -> FaultClass {
    switch error {
    case let error as AWSError:
      // A name that is taken may have been taken by our own lost call: looking it up tells.
      if error.mayHaveTakenEffect || taken.contains(error.code ?? "") { return .ambiguous }
      // An instance at work on something takes no other change until it is done; what cannot pass by
      // itself, the steps find in its status.
      if busy.contains(error.code ?? "") { return .transient }
      return error.isTransient || error.isExpiredToken ? .transient : .refused
    case let error as KubernetesError:
      if error.mayHaveTakenEffect || error.alreadyExists { return .ambiguous }
      if error.isTransient { return .transient }
      return error.status == nil ? .final : .refused
    case let error as ListingError: return error.isTransient ? .transient : .final
    // What is read without a client of the service in between: listings, and files as they come.
    case let error as TransportError:
      let lasting: [TransportError.Kind] = [.tlsRefused, .notARequest, .answerTooLarge]
      return lasting.contains(error.kind) ? .final : .transient
    case is CredentialsUnavailable: return .transient
    case let error as PostgresError: return error.isTransient ? .transient : .final
    default: return .final
    }
  }
}
