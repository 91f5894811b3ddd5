import Foundation
import Testing

/// AWS behind a forward proxy, with an authority of its own.
extension OnCallTests {
  /// A proxy, and a front of the lab with TLS.
  private final class Proxy {
    let folder: URL
    let front: String
    let address: String
    private let process = Process()

    init(in tool: Tool, to lab: String) throws {
      folder = tool.folder.appending(path: "proxy-\(UUID().uuidString)")
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      process.executableURL = Tool.root.appending(path: "scripts/lab")
      process.arguments = [
        "python", Tool.root.appending(path: "Tests/Faults/proxy.py").path, folder.path, lab,
      ]
      try process.run()
      let file = folder.appending(path: "ports").path
      while process.isRunning, !FileManager.default.fileExists(atPath: file) {}
      let ports = try String(contentsOfFile: file, encoding: .utf8).split(separator: " ")
      front = "127.0.0.1:\(ports[0])"
      address = "http://127.0.0.1:\(ports[1])"
    }

    deinit {
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
    }

    var authority: String { folder.appending(path: "mitmproxy-ca-cert.pem").path }

    /// What it was asked for, one a line.
    func asked() -> String {
      (try? String(contentsOf: folder.appending(path: "asked"), encoding: .utf8)) ?? ""
    }
  }

  private var lab: String { ProcessInfo.processInfo.environment["AWS_ENDPOINT_URL"] ?? "" }
  /// The variables of proxies, none of them set.
  private var none: [String: String] {
    Dictionary(
      uniqueKeysWithValues: ["http_proxy", "https_proxy", "all_proxy", "no_proxy"].flatMap {
        [($0, ""), ($0.uppercased(), "")]
      })
  }

  /// Each is obeyed alone, for the kind of place that it is for.
  @Test func thePlainVariablesOfProxiesAreObeyed() throws {
    let proxy = try Proxy(in: tool, to: lab)
    let plan = try tool.plan()
    let cases: [([String: String], String?)] = [
      (["HTTP_PROXY": proxy.address], "POST \(lab)/"),
      (["http_proxy": proxy.address], "POST \(lab)/"),
      (["HTTP_PROXY": proxy.address, "NO_PROXY": "127.0.0.1"], nil),
      (["http_proxy": proxy.address, "no_proxy": "localhost,127.0.0.1"], nil),
      (["HTTPS_PROXY": proxy.address], nil),
      (
        [
          "https_proxy": proxy.address, "AWS_ENDPOINT_URL": "https://\(proxy.front)",
          "AWS_CA_BUNDLE": proxy.authority,
        ], "CONNECT \(proxy.front)"
      ),
      (
        [
          "HTTP_PROXY": proxy.address, "AWS_ENDPOINT_URL": "https://\(proxy.front)",
          "AWS_CA_BUNDLE": proxy.authority,
        ], nil
      ),
    ]
    for (variables, expected) in cases {
      let before = proxy.asked().count
      let names = variables.keys.sorted().joined(separator: " ")
      var environment = none.merging(variables) { $1 }
      // An empty variable is set all the same.
      if variables["HTTP_PROXY"] != nil { environment["http_proxy"] = nil }
      let ready = try tool.run("preflight", "--plan", plan, environment: environment)
      #expect(ready.status == 0, "\(names): \(ready.errors)")
      let asked = proxy.asked().dropFirst(before)
      #expect(expected.map { asked.contains($0) } ?? asked.isEmpty, "\(names): \(asked)")
    }
    // One that is not there is an error; nothing goes past it.
    let gone = none.filter { $0.key != "http_proxy" }
      .merging(["HTTP_PROXY": "http://127.0.0.1:9"]) { $1 }
    #expect(try tool.run("preflight", "--plan", plan, environment: gone).status == 7)
  }

  @Test func aDrillGoesThroughTheProxyThatTheEnvironmentNames() throws {
    let proxy = try Proxy(in: tool, to: lab)
    let front = proxy.front
    let secure = [
      "AWS_ENDPOINT_URL": "https://\(front)", "AWS_CA_BUNDLE": proxy.authority,
      "HTTPS_PROXY": proxy.address, "NO_PROXY": "", "no_proxy": "",
    ]
    let drill = try tool.run("drill", "--plan", try tool.plan(), environment: secure)
    #expect(drill.status == 0, "\(drill.errors)")
    #expect(proxy.asked().contains("CONNECT \(front)"))
    // What is to go past the proxy does.
    let count = proxy.asked().count
    let past = secure.merging(["NO_PROXY": "127.0.0.1"]) { $1 }
    #expect(try tool.run("preflight", "--plan", try tool.plan(), environment: past).status == 0)
    #expect(proxy.asked().count == count)
    // An authority that nobody knows is not trusted.
    let unknown = try tool.run(
      "drill", "--plan", try tool.plan(),
      environment: secure.merging(["AWS_CA_BUNDLE": "/etc/ssl/certs/ca-certificates.crt"]) { $1 })
    #expect(unknown.status == 7 && unknown.errors.contains("certificate"), "\(unknown.errors)")
  }
}
