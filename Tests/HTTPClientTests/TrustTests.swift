import Foundation
import HTTPClient
import Platform
import Testing

/// Whom a request trusts, and as whom it comes, is its own matter.
@Suite final class TrustTests {
  private let certificate: MirrorCertificate
  private let url: String
  private let server: PythonServer

  init() async throws {
    certificate = try MirrorCertificate()
    server = try await PythonServer(
      "mirror_server.py", [certificate.certificate, certificate.key])
    url = server.url.replacing("http://", with: "https://")
  }

  deinit { try? FileManager.default.removeItem(at: certificate.folder) }

  private func get(_ transport: TransportOptions = TransportOptions()) -> HTTPRequest {
    var request = HTTPRequest(method: "GET", url: url + "/", timeout: .seconds(20))
    request.transport = transport
    return request
  }

  private func isRefused(_ request: HTTPRequest, by client: HTTPClient) async -> Bool {
    do {
      _ = try await client.send(request)
      return false
    } catch {
      return (error as? TransportError)?.kind == .tlsRefused
    }
  }

  @Test func anUnverifiedRequestLeavesTheNextOneVerified() async throws {
    let client = HTTPClient()
    for _ in 0..<3 {
      #expect(try await client.send(get(TransportOptions(isUnverified: true))).status == 200)
      #expect(await isRefused(get(), by: client))
    }
  }

  @Test func authoritiesOfOneRequestAreNotTheNextOnes() async throws {
    let ours = try certificate.bytes(of: certificate.certificate)
    let foreign = try MirrorCertificate()
    defer { try? FileManager.default.removeItem(at: foreign.folder) }
    let theirs = try foreign.bytes(of: foreign.certificate)
    let strict = HTTPClient()
    let knowing = HTTPClient(authorities: certificate.certificate)
    for _ in 0..<3 {
      #expect(try await strict.send(get(TransportOptions(authorities: ours))).status == 200)
      #expect(await isRefused(get(), by: strict))
      #expect(try await knowing.send(get()).status == 200)
      #expect(await isRefused(get(TransportOptions(authorities: theirs)), by: knowing))
    }
  }

  @Test func theNameOfOneRequestIsNotTheNextOnes() async throws {
    let client = HTTPClient(authorities: certificate.certificate)
    for _ in 0..<3 {
      let named = TransportOptions(serverName: "mirror.example")
      #expect(try await client.send(get(named)).status == 200)
      #expect(await isRefused(get(TransportOptions(serverName: "other.example")), by: client))
      #expect(try await client.send(get()).status == 200)
    }
  }

  @Test func aClientCertificateIsShownForItsRequestAlone() async throws {
    let client = HTTPClient(authorities: certificate.certificate)
    let identity = TransportOptions.Identity(
      certificate: try certificate.bytes(of: certificate.certificate),
      key: Secret(try certificate.bytes(of: certificate.key)))
    for _ in 0..<3 {
      #expect(try await client.send(get()).seen.hasSuffix("false]"))
      let shown = try await client.send(get(TransportOptions(identity: identity)))
      #expect(shown.seen.hasSuffix("true]"))
    }
  }
}
