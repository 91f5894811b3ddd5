import HTTPClient
import Testing

@testable import Recoveries

/// What a step does about an error that no client of a service has wrapped.
@Suite struct FaultTests {
  private func classify(_ kind: TransportError.Kind) -> String {
    let error = TransportError(
      kind: kind, mayHaveArrived: true, origin: "https://a", detail: "gone")
    return "\(Faults.classify(error))"
  }

  /// A file that breaks off while it is read is read again.
  @Test func aConnectionThatIsLostIsTriedAgain() {
    for kind: TransportError.Kind in [
      .connectionLost, .timedOut, .nameNotResolved, .connectionRefused, .outOfResources,
    ] {
      #expect(classify(kind) == "transient")
    }
    for kind: TransportError.Kind in [.tlsRefused, .notARequest, .answerTooLarge] {
      #expect(classify(kind) == "final")
    }
  }
}
