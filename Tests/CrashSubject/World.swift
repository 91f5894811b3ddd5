import HTTPClient
import Platform
import RunEngine
import StrictJSON

/// The service that the steps change, as its client sees it.
struct World: Sendable {
  let address: String
  let http: HTTPClient

  /// A thing in the world.
  struct Thing: Codable, Sendable, Equatable {
    let id: String
    let run: String
    let step: String
    let state: String
    let marks: [String]
  }

  /// Nil when there is no such thing, or none to be seen yet.
  func thing(_ name: String) async throws -> Thing? {
    do {
      return try await ask("GET", "things/\(name)").decode(Thing.self)
    } catch let error as WorldError where error.status == 404 {
      return nil
    }
  }

  func value(_ name: String) async throws -> Int64 {
    try await ask("GET", "values/\(name)")["value"]?.integerValue ?? 0
  }

  /// Returns the identity of the new thing.
  func make(_ name: String, run: ULID, step: String) async throws -> String {
    let body: JSONValue = ["run": .string(run.description), "step": .string(step)]
    return try await ask("POST", "things/\(name)", body)["id"]?.stringValue ?? ""
  }

  func mark(_ name: String, _ mark: String) async throws {
    _ = try await ask("POST", "things/\(name)/marks/\(mark)", [:])
  }

  func remove(_ name: String) async throws { _ = try await ask("DELETE", "things/\(name)") }

  private func ask(
    _ method: String, _ path: String, _ body: JSONValue = [:]
  ) async throws -> JSONValue {
    let request = HTTPRequest(
      method: method, url: "\(address)/\(path)", body: try body.canonicalBytes(),
      timeout: .seconds(5))
    let answer: HTTPAnswer
    do { answer = try await http.send(request) } catch let error as TransportError {
      throw WorldError(
        status: nil, mayHaveTakenEffect: method != "GET" && error.mayHaveArrived, path: path,
        reason: error.detail)
    }
    guard answer.status / 100 == 2 else {
      throw WorldError(
        status: answer.status, mayHaveTakenEffect: false, path: path,
        reason: "status \(answer.status)")
    }
    return try JSONValue(parsing: answer.body)
  }
}

/// A call to the world that did not succeed.
struct WorldError: ExplainedError {
  /// The status of the answer; nil when none came.
  let status: Int?
  let mayHaveTakenEffect: Bool
  let path: String
  let reason: String

  var summary: String { "the world does not do it" }
  var subject: String? { path }
  var remedy: String { "Look into its log." }

  static func classify(_ error: any Error) -> FaultClass {
    guard let error = error as? WorldError else { return .final }
    // A name that is taken may have been taken by our own lost call.
    if error.mayHaveTakenEffect || error.status == 409 { return .ambiguous }
    return error.status == 503 || error.status == nil ? .transient : .final
  }
}
