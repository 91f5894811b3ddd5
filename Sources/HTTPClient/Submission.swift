/// One request on its way to the loop, with all that can be made ready outside of the loop's thread.
final class Submission: Sendable {
  /// Who is told what came of it.
  enum Receiver {
    case whole(CheckedContinuation<Outcome, Never>)
    case stream(StreamBuffer)
    case handed(BodyReceiver, CheckedContinuation<Outcome, Never>)

    func end(_ outcome: Outcome) {
      switch self {
      case .whole(let continuation), .handed(_, let continuation):
        continuation.resume(returning: outcome)
      case .stream(let buffer): buffer.end(outcome.map { _ in })
      }
    }
  }

  let identifier: UInt64
  let request: HTTPRequest
  let receiver: Receiver
  let address: ServerAddress
  let fields: FieldList
  let setup: HandleSetup
  /// Whether a handle may serve it that has served others and will serve others: it asks for nothing
  /// that is not in ``HandleSetup``, so that there is nothing to take back.
  let isOrdinary: Bool

  init(identifier: UInt64, request: HTTPRequest, receiver: Receiver, proxies: ProxyEnvironment) {
    self.identifier = identifier
    self.request = request
    self.receiver = receiver
    let isHanded = if case .handed = receiver { true } else { false }
    let isStream = if case .stream = receiver { true } else { false }
    address = ServerAddress(of: request)
    setup = HandleSetup(request, readsMuch: isHanded, proxies: proxies)
    isOrdinary =
      !isStream && request.mayBeRepeated && !request.hasBody && address.connection == nil
      && request.transport.authorities == nil && request.transport.identity == nil
    var fields = request.headers
    // An empty Expect keeps libcurl from asking for "100 Continue" and waiting a second for it, which
    // it does for bodies.
    if request.hasBody { fields.append(HTTPHeader("Expect", "")) }
    if let host = address.host { fields.append(host) }
    self.fields = FieldList(fields)
  }

  /// Ends it as cancelled.
  func cancel() { receiver.end(.failure(CancellationError())) }
}

/// What became of a submitted request.
typealias Outcome = Result<ReceivedAnswer, any Error>

/// An answer as the loop hands it over: who asked reads its fields.
struct ReceivedAnswer {
  let status: Int
  let head: AnswerHead
  let body: [UInt8]
}
