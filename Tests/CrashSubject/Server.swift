import HTTPClient
import Platform
import RunEngine
import StrictJSON

/// The server that the steps change.
struct Server: Sendable {
  /// The server refused, or its answer was lost.
  enum Failure: Error {
    case busy, taken, lost(mayHaveArrived: Bool)
  }

  private let url: String
  private let http = HTTPClient()

  init(url: String) { self.url = url }

  /// Makes a thing of that name, once: a second time it is refused.
  func make(_ name: String) async throws -> String {
    try await call("POST", "make", name)?["id"]?.stringValue ?? ""
  }

  /// The identity of a thing; nil when there is none.
  func find(_ name: String) async throws -> String? {
    try await call("GET", "find", name)?["id"]?.stringValue
  }

  /// Removes a thing; nothing happens when it is gone.
  func remove(_ name: String) async throws { _ = try await call("POST", "remove", name) }

  /// Something that fails at first.
  func read(_ name: String) async throws -> String {
    try await call("GET", "read", name)?["value"]?.stringValue ?? ""
  }

  private func call(_ method: String, _ action: String, _ name: String) async throws -> JSONValue? {
    let request = HTTPRequest(
      method: method, url: "\(url)/\(action)?name=\(name)", timeout: .seconds(10))
    let answer: HTTPAnswer
    do {
      answer = try await http.send(request)
    } catch let error as TransportError {
      throw Failure.lost(mayHaveArrived: error.mayHaveArrived)
    }
    switch answer.status {
    case 200: return try JSONValue(parsing: answer.body)
    case 404: return nil
    case 409: throw Failure.taken
    default: throw Failure.busy
    }
  }

  /// As for AWS: a name that is taken may have been taken by a call of ours whose answer was lost.
  static func classify(_ error: any Error) -> FaultClass {
    switch error as? Failure {
    case .busy: .transient
    case .taken: .ambiguous
    case .lost(let mayHaveArrived): mayHaveArrived ? .ambiguous : .transient
    case nil: .final
    }
  }
}
