import Foundation
import HTTPClient
import Platform
import StrictJSON
import Synchronization
import Testing

@testable import KubernetesClient

/// A clock that a test moves; whoever sleeps by it wakes at once.
final class MovableClock: TimeSource {
  private let ahead = Mutex<Duration>(.zero)
  private let slept = Mutex<[Duration]>([])

  var pauses: [Duration] { slept.withLock { $0 } }

  func now() -> ClockReading {
    let now = SystemTime().now()
    let ahead = ahead.withLock { $0 }
    return ClockReading(
      wall: now.wall + ahead, sinceBoot: now.sinceBoot + ahead.wholeNanoseconds)
  }

  func sleep(for duration: Duration) async throws {
    slept.withLock { $0.append(duration) }
    advance(by: duration)
  }

  func advance(by more: Duration) { ahead.withLock { $0 += more } }
}

/// The lab's API server: real, behind a gate that plays faults.
struct LabCluster {
  static let environment = ProcessInfo.processInfo.environment
  static var isUp: Bool { environment["MOSAIC_LAB_KUBERNETES"] != nil }

  let http = HTTPClient()
  /// Where the gate listens.
  let gate: String
  /// The authority of its certificate.
  let authority: String
  private let control: String

  init() throws {
    gate = try #require(Self.environment["MOSAIC_LAB_KUBERNETES"])
    authority = try #require(Self.environment["PGSSLROOTCERT"])
    control = "\(try #require(Self.environment["AWS_ENDPOINT_URL"]))/lab"
  }

  var port: Substring { gate.split(separator: ":").last ?? "" }

  func client(
    _ connection: KubernetesConnection, time: any TimeSource = SystemTime()
  ) -> KubernetesClient {
    KubernetesClient(
      connection, http: http, environment: Self.environment, time: time,
      random: SeededRandom(seed: 1), version: "test")
  }

  /// As a user of the lab's kubeconfig; "operator" may do everything.
  func client(
    as user: String = "operator", time: any TimeSource = SystemTime()
  ) throws -> KubernetesClient {
    client(
      try Kubeconfig.read(environment: Self.environment).connection(context: user), time: time)
  }

  /// A context of a kubeconfig that comes before the lab's own; both are merged.
  func client(
    kubeconfig text: String, in folder: URL, time: any TimeSource = SystemTime()
  ) throws -> KubernetesClient {
    let file = folder.appending(path: "config-\(UUID().uuidString)")
    try text.write(to: file, atomically: true, encoding: .utf8)
    let list = [file.path, Self.environment["KUBECONFIG"] ?? ""].joined(separator: ":")
    return client(
      try Kubeconfig.read(environment: ["KUBECONFIG": list]).connection(context: "test"),
      time: time)
  }

  /// The token of a user of the lab's kubeconfig.
  func token(of user: String) throws -> String {
    guard case .token(let token) = try client(as: user).connection.identity else {
      throw CocoaError(.coderValueNotFound)
    }
    return token.reveal()
  }

  /// A namespace for one test.
  func namespace() async throws -> String {
    let name = "client-\(UUID().uuidString.prefix(8).lowercased())"
    _ = try await client().send(
      .create(
        .namespaces,
        ["apiVersion": "v1", "kind": "Namespace", "metadata": ["name": .string(name)]], in: nil))
    return name
  }

  static func configMap(_ name: String, _ data: [String: String] = [:]) -> JSONValue {
    [
      "apiVersion": "v1", "kind": "ConfigMap", "metadata": ["name": .string(name)],
      "data": .object(data.reduce(into: JSONObject()) { $0[$1.key] = .string($1.value) }),
    ]
  }

  func fault(_ fault: JSONValue) async throws {
    try await steer("POST", "faults", try fault.canonicalBytes())
  }

  /// Makes the server forget everything but the present.
  func compact() async throws { try await steer("GET", "kubernetes/compact", []) }

  private func steer(_ method: String, _ path: String, _ body: [UInt8]) async throws {
    let answer = try await http.send(
      HTTPRequest(
        method: method, url: "\(control)/\(path)", body: body, timeout: .seconds(30)))
    #expect(answer.status == 200)
  }
}
