import AWSClient
import Evidence
import EvidenceServices
import Platform
import Recoveries

/// Which key signs, as the command line says it: a file, `agent:NAME`, or `kms:KEY`.
struct SigningOptions: Sendable {
  /// The key of reports; nil for the file in the state folder.
  let key: String?
  /// The key of the ledger, where the key of reports cannot sign checkpoints.
  let ledgerKey: String?
  private let passphraseFile: String?
  private let stateFolder: String
  private let environment: [String: String]

  /// The largest passphrase.
  private static let maximumPassphrase = 4_096

  init(_ arguments: Arguments, stateFolder: String, environment: [String: String]) {
    key = arguments["--key"] ?? environment["MOSAIC_DR_KEY"]
    ledgerKey = arguments["--ledger-key"] ?? environment["MOSAIC_DR_LEDGER_KEY"]
    passphraseFile = arguments["--passphrase-file"]
    self.stateFolder = stateFolder
    self.environment = environment
  }

  var defaultPath: String { "\(stateFolder)/signing.key" }

  /// A key that can sign.
  struct Key {
    let signer: any Signer
    /// The number that minisign finds it by; nil when it has none of its own.
    let number: [UInt8]?
    /// What it is, for people.
    let place: String
  }

  /// The key of reports; the file is made when it is the default one and not there.
  func reportKey(_ client: @autoclosure () throws -> AWSClient) async throws -> Key {
    try await resolve(key, makesFile: key == nil, client)
  }

  /// The key of the ledger.
  func checkpointKey(_ client: @autoclosure () throws -> AWSClient) async throws -> Key {
    let name = ledgerKey ?? key
    return try await resolve(name, makesFile: name == nil, client)
  }

  /// A key that is there, by its name.
  func named(_ name: String, _ client: @autoclosure () throws -> AWSClient) async throws -> Key {
    try await resolve(name, makesFile: false, client)
  }

  /// A key by its name, nil for the default one; a file is made when it is not there.
  func made(_ name: String?, _ client: @autoclosure () throws -> AWSClient) async throws -> Key {
    try await resolve(name, makesFile: true, client)
  }

  /// - Throws: `Problem` when a file that was named is not there: what is misspelt makes no key.
  func requireFiles() throws {
    for name in [key, ledgerKey].compactMap({ $0 }) where !Self.isElsewhere(name) {
      try Self.requireFile(name)
    }
  }

  private static func requireFile(_ path: String) throws {
    guard DurableFile.exists(path) else {
      throw Problem(
        "there is no key", on: path, because: "nothing stands at this path",
        fix: "Correct the name, or make a key there: mosaic-dr keys --key \(ShellText.word(path))")
    }
  }

  private static func isElsewhere(_ name: String) -> Bool {
    name.hasPrefix("agent:") || name.hasPrefix("kms:")
  }

  private func resolve(
    _ name: String?, makesFile: Bool, _ client: () throws -> AWSClient
  ) async throws -> Key {
    if let name, name.hasPrefix("agent:") {
      guard let socket = environment["SSH_AUTH_SOCK"], !socket.isEmpty else {
        throw Problem(
          "the SSH agent cannot be reached", because: "$SSH_AUTH_SOCK is not set",
          fix: "Start an agent, or name a key file with --key.")
      }
      return Key(
        signer: try await AgentSigner(socket: socket, named: String(name.dropFirst(6))),
        number: nil, place: name)
    }
    if let name, name.hasPrefix("kms:") {
      let id = String(name.dropFirst(4))
      return Key(
        signer: try await KMSSigner(key: id, region: try region(of: id), client: try client()),
        number: nil, place: name)
    }
    let path = name ?? defaultPath
    if !makesFile { try Self.requireFile(path) }
    try DurableFile.makeFolder(DurableFile.folder(of: path), mode: 0o700)
    let key = try KeyFile.readOrCreate(path, passphrase: try passphrase())
    return Key(signer: LocalSigner(key.key), number: key.number, place: path)
  }

  /// The region of a key: its ARN says it, else the environment does.
  private func region(of key: String) throws -> String {
    let parts = key.split(separator: ":", omittingEmptySubsequences: false)
    if parts.count > 5, parts[0] == "arn" { return String(parts[3]) }
    guard let region = environment["AWS_REGION"] ?? environment["AWS_DEFAULT_REGION"] else {
      throw Problem(
        "the KMS key cannot be found", on: key, because: "nothing says which region it is in",
        fix: "Give its ARN, or set $AWS_REGION.")
    }
    return region
  }

  private func passphrase() throws -> Secret<[UInt8]>? {
    if let file = passphraseFile {
      let bytes = try DurableFile.read(file, limit: Self.maximumPassphrase)
      let text = String(decoding: bytes, as: UTF8.self)
      return Secret(Array((text.hasSuffix("\n") ? text.dropLast() : text[...]).utf8))
    }
    return environment["MOSAIC_DR_PASSPHRASE"].map { Secret(Array($0.utf8)) }
  }
}
