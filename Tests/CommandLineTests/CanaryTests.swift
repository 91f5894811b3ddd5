import Foundation
import Testing

/// Secrets stand everywhere that a person could put them, and are looked for in everything that comes out.
@Suite(.serialized, .enabled(if: Tool.labIsUp, "the lab is not up: run scripts/test"))
struct CanaryTests {
  let tool: Tool
  /// What is given to the program lies elsewhere than what comes out of it.
  private let given: Tool
  private let sink = Process()
  private let sinkInput = Pipe()
  private let sinkPort: String

  /// Passphrase, token and key are given in the environment.
  private let environment = [
    "MOSAIC_DR_PASSPHRASE": "canary-phrase-4711", "HOOK_TOKEN": "canary/token+4712",
    "HOOK_KEY": "canary key=4713",
  ]
  private let address = (
    user: "canaryUser4714", password: "canaryWord4715", path: "canaryPath4716",
    query: "canaryQuery4717"
  )
  private let stored = "canary secret 4718"
  private let data = "canary data 4719"

  init() throws {
    (tool, given) = (try Tool(), try Tool())
    _ = try tool.lab("faults", "clear")
    let output = Pipe()
    sink.executableURL = URL(filePath: "/usr/bin/env")
    sink.arguments = [
      "python3", Tool.root.appending(path: "Tests/CommandLineTests/Tools/sink.py").path,
      tool.folder.appending(path: "received").path,
    ]
    (sink.standardInput, sink.standardOutput) = (sinkInput, output)
    try sink.run()
    sinkPort = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
      .trimmingCharacters(in: .whitespacesAndNewlines)
  }

  /// One of those who are told is not there, and neither is the time-stamping authority.
  private func settings() throws -> String {
    let (user, password, path, query) = address
    let url = { (port: String) in
      "http://\(user):\(password)@127.0.0.1:\(port)/\(path)?key=\(query)"
    }
    let hook = { (port: String) in
      ["url": url(port), "bearerEnv": "HOOK_TOKEN", "hmacEnv": "HOOK_KEY"]
    }
    let settings: [String: Any] = [
      "notify": [["webhook": hook(sinkPort)], ["webhook": hook("9")]],
      "anchors": [
        ["name": "copy", "webhook": hook(sinkPort)], ["name": "tsa", "rfc3161": ["url": url("9")]],
      ],
      "trace": hook(sinkPort), "prometheus": ["folder": tool.folder.path],
    ]
    let file = given.folder.appending(path: "evidence.json")
    try JSONSerialization.data(withJSONObject: settings).write(to: file)
    return file.path
  }

  /// Everything that a run writes, sends or says, as it stands and decompressed.
  private func everything(_ said: [Tool.Result]) throws -> Data {
    var all = Data(said.map { $0.output + $0.errors }.joined().utf8)
    let files = FileManager.default.enumerator(at: tool.folder, includingPropertiesForKeys: nil)
    for case let file as URL in try #require(files) {
      if let data = try? Data(contentsOf: file) { all += data }
    }
    return all
  }

  /// A check whose statement fails on the data it meets: the server's words show them.
  private func failingDrill(_ settings: String) throws -> Tool.Result {
    let plan = try given.plan([
      "select count(*) from people": "select reverse('\(String(data.reversed()))')::int"
    ])
    let drill = try tool.run(
      "drill", "--plan", plan, "--evidence", settings, environment: environment)
    #expect(drill.status != 0 && drill.output.contains("SQLSTATE 22P02"), "\(drill.output)")
    return drill
  }

  /// A cut-over that reads a secret of Secrets Manager and gives it another host.
  private func cutOver(_ settings: String) throws -> Tool.Result {
    let client = "import boto3; c = boto3.client('secretsmanager', 'us-west-2'); "
    let fields = #"{"host": "192.0.2.10", "port": 5432, "password": "\#(stored)"}"#
    _ = try tool.lab(
      "python", "-c",
      client + "c.put_secret_value(SecretId='prod/core-db', SecretString='\(fields)')")
    let heartbeat =
      "        - heartbeat: {name: heartbeat, table: dr_heartbeat, column: written_at}\n"
    let step = "      cutover:\n        - secret: {name: secret, id: prod/core-db, field: host}\n"
    let plan = try given.plan([heartbeat: heartbeat + step], of: "rds-snapshot")
    let restore = try tool.run(
      "restore", "--plan", plan, "--yes", "--evidence", settings, environment: environment)
    #expect(restore.status == 0, "\(restore.errors)")
    let changed = try tool.lab(
      "python", "-c", client + "print(c.get_secret_value(SecretId='prod/core-db')['SecretString'])")
    #expect(changed.contains(stored) && !changed.contains("192.0.2.10"))
    return restore
  }

  @Test func noSecretComesOutAnywhere() throws {
    defer { try? sinkInput.fileHandleForWriting.close() }
    let settings = try settings()
    var said = [try failingDrill(settings), try cutOver(settings)]
    #expect(said.allSatisfy { $0.errors.contains("http://127.0.0.1:9 was not told") })
    #expect(said.allSatisfy { $0.errors.contains("the anchor tsa lags") })
    let runs = try tool.runs()
    for run in runs {
      for form in ["text", "json", "html", "md", "csv", "junit", "oscal"] {
        said.append(try tool.run("report", run, "--format", form))
      }
      said.append(try tool.run("show", run))
    }
    said.append(try tool.run("ledger"))
    #expect(said.dropFirst(2).allSatisfy { $0.status == 0 })
    let all = try everything(said)
    for run in runs { #expect(all.range(of: Data(run.utf8)) != nil) }
    let received = try String(
      contentsOf: tool.folder.appending(path: "received"), encoding: .utf8)
    for words in ["life.mosaic.dr.run.ended", "resourceSpans", "mosaic-dr/"] {
      #expect(received.contains(words), "\(words)")
    }
    let labSecrets = try ["MOSAIC_DR_DB_PASSWORD", "AWS_SECRET_ACCESS_KEY"].map { name in
      try #require(ProcessInfo.processInfo.environment[name])
    }
    let canaries =
      Array(environment.values) + [address.user, address.password, address.path, address.query]
      + [stored, data] + labSecrets
    for secret in canaries {
      let bytes = Data(secret.utf8)
      let forms = [
        secret, bytes.base64EncodedString(),
        bytes.map { String(UInt16($0) + 0x100, radix: 16).dropFirst() }.joined(),
        secret.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? secret,
      ]
      for form in forms { #expect(all.range(of: Data(form.utf8)) == nil, "\(secret) as \(form)") }
    }
  }
}
