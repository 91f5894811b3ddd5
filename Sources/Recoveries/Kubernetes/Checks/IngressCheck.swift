import HTTPClient
import KubernetesClient
import Platform
import RecoveryPlan
import RunEngine
import StrictJSON

/// `ingress`: the host of every Ingress answers over HTTP(S), asked at the load balancer that the
/// Ingress got, whatever the DNS says.
struct IngressCheck: ClusterCheck {
  let host: String?
  let scheme: String
  let port: Int?
  let address: String?
  let path: String
  let expectation: Expectation
  let certificate: String?
  let longestWait: Duration

  init(from fields: FieldReader) {
    _ = fields.optional("name", .label(), "The check's name, unique in the component.")
    host = fields.optional("host", .text(upTo: 253), "Only the Ingresses of this host.")
    scheme = fields.optional(
      "scheme", .choice(["https", "http"]), default: "https", shownAs: "https",
      "How it is asked; a certificate is verified for the host.")
    port = fields.optional("port", .integer(1...65_535), "The port, if it is not the scheme's.")
    address = fields.optional(
      "address", .text(upTo: 253), "Where it is asked, in place of the Ingress's load balancer.")
    path = fields.optional(
      "path", .text(upTo: 1_000), default: "/", shownAs: "/", "What is asked for.")
    expectation = fields.optional(
      "expect", .expectation, default: Expectation(samples: "200"), shownAs: 200,
      "The status of the answer: 200, '< 400'.")
    certificate = fields.optional(
      "rootCertificate", .text(upTo: 1_000), "A PEM file of authorities, in place of the system's.")
    longestWait = fields.optional(
      "timeout", .duration, default: .seconds(900), shownAs: "15m",
      "The bound on the wait; then the check has failed.")
  }

  var summary: String { "\(host ?? "every ingress host") answers" }

  func calls(_ scope: ClusterScope) -> [PlannedCall] {
    scope.ruledTargets.map { scope.access.plan(.list, .ingresses, in: $0) }
  }

  func look(_ scope: ClusterScope, _ context: StepContext) async throws -> CheckFinding {
    var answered: [String] = []
    for namespace in scope.targets {
      for ingress in try await scope.access.list(.ingresses, in: namespace, context) {
        let hosts = (ingress.at("spec", "rules")?.arrayValue ?? []).compactMap {
          $0["host"]?.stringValue
        }
        for name in hosts where host == nil || host == name {
          guard let place = address ?? Self.balancer(of: ingress) else {
            return .waiting("ingress \(namespace)/\(ingress.objectName) has no address yet")
          }
          if let missing = try await ask(name, at: place, scope) { return .waiting(missing) }
          answered.append(name)
        }
      }
    }
    return answered.isEmpty
      ? .waiting("there is no ingress\(host.map { " for \($0)" } ?? "")")
      : .holds("\(answered.joined(separator: ", ")) answers as expected")
  }

  private static func balancer(of ingress: JSONValue) -> String? {
    let first = ingress.at("status", "loadBalancer", "ingress")?.arrayValue?.first
    return first?["hostname"]?.stringValue ?? first?["ip"]?.stringValue
  }

  /// What is missing; nil when the answer is as expected.
  private func ask(
    _ name: String, at place: String, _ scope: ClusterScope
  ) async throws -> String? {
    let number = port ?? (scheme == "https" ? 443 : 80)
    var request = HTTPRequest(
      method: "GET", url: "\(scheme)://\(place):\(number)\(path)",
      headers: [HTTPHeader("Host", name)], timeout: HTTPCheck.exchangeTimeout)
    request.transport.serverName = name
    request.transport.authorities = try certificate.map {
      try DurableFile.read($0, limit: HTTPCheck.certificateLimit)
    }
    do {
      let answer = try await scope.access.directory.http.send(request)
      let isExpected = expectation.isSatisfied(by: String(answer.status))
      return isExpected ? nil : "\(name) answers with HTTP \(answer.status)"
    } catch let error as TransportError {
      return "\(name) at \(place) does not answer: \(error.detail)"
    }
  }
}
