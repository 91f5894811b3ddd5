import Foundation
import Testing

/// AWS behind a forward proxy, with an authority of its own.
extension DrillTests {
  @Test func aDrillGoesThroughTheProxyThatTheEnvironmentNames() throws {
    let lab = try #require(ProcessInfo.processInfo.environment["AWS_ENDPOINT_URL"])
    let folder = tool.folder.appending(path: "proxy")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let proxy = Process()
    proxy.executableURL = Tool.root.appending(path: "scripts/lab")
    proxy.arguments = [
      "python", Tool.root.appending(path: "Tests/Faults/proxy.py").path, folder.path, lab,
    ]
    try proxy.run()
    defer {
      kill(proxy.processIdentifier, SIGKILL)
      proxy.waitUntilExit()
    }
    let file = folder.appending(path: "ports").path
    while proxy.isRunning, !FileManager.default.fileExists(atPath: file) {}
    let ports = try String(contentsOfFile: file, encoding: .utf8).split(separator: " ")
    let front = "127.0.0.1:\(ports[0])"
    let authority = folder.appending(path: "mitmproxy-ca-cert.pem").path
    let secure = [
      "AWS_ENDPOINT_URL": "https://\(front)", "AWS_CA_BUNDLE": authority,
      "HTTPS_PROXY": "http://127.0.0.1:\(ports[1])", "NO_PROXY": "", "no_proxy": "",
    ]
    let drill = try tool.run("drill", "--plan", try tool.plan(), environment: secure)
    #expect(drill.status == 0, "\(drill.errors)")
    let asked = { try String(contentsOf: folder.appending(path: "asked"), encoding: .utf8) }
    #expect(try asked().contains("CONNECT \(front)"))
    // What is to go past the proxy does.
    let count = try asked().count
    let past = secure.merging(["NO_PROXY": "127.0.0.1"]) { $1 }
    #expect(try tool.run("preflight", "--plan", try tool.plan(), environment: past).status == 0)
    #expect(try asked().count == count)
    // An authority that nobody knows is not trusted.
    let unknown = try tool.run(
      "drill", "--plan", try tool.plan(),
      environment: secure.merging(["AWS_CA_BUNDLE": "/etc/ssl/certs/ca-certificates.crt"]) { $1 })
    #expect(unknown.status == 7 && unknown.errors.contains("certificate"), "\(unknown.errors)")
  }
}
