import HTTPClient
import Platform

/// What a request is made with.
struct Credential: Sendable {
  var token: Secret<String>?
  var certificate: TransportOptions.Identity?
  /// When it is to be renewed; nil for never.
  var renewAt: Timestamp?
  /// Counts renewals, so that a refusal of an older one renews nothing.
  var generation = 0
}

/// Gets credentials and keeps them as long as they are good; one at a time.
actor CredentialSource {
  /// How long a token file's content counts (client-go's cached file token source: a minute, less a
  /// leeway of ten seconds).
  static let tokenFileLifetime: Duration = .seconds(50)
  /// How long before it expires a credential is renewed.
  static let leeway: Duration = .seconds(60)

  private let connection: KubernetesConnection
  private let environment: [String: String]
  private let time: any TimeSource
  private var current: Credential?
  private var renewal: Task<Credential, any Error>?

  init(
    _ connection: KubernetesConnection, environment: [String: String], time: any TimeSource
  ) {
    self.connection = connection
    self.environment = environment
    self.time = time
  }

  /// The credential to use now.
  func credential() async throws -> Credential {
    if let current, current.renewAt.map({ time.now().wall < $0 }) ?? true { return current }
    if let renewal { return try await renewal.value }
    let generation = (current?.generation ?? 0) + 1
    let old = current
    let task = Task { [connection, environment, time] in
      do {
        var made = try await Self.make(connection, environment, time)
        made.generation = generation
        return made
      } catch is FileError where old != nil {
        // A token file that cannot be read for a moment: the token at hand may still be good.
        var kept = old ?? Credential()
        kept.renewAt = time.now().wall + .seconds(10)
        return kept
      }
    }
    renewal = task
    defer { renewal = nil }
    let made = try await task.value
    current = made
    return made
  }

  /// Forgets a credential that the server refused; whether another try makes sense.
  func refused(_ used: Credential) -> Bool {
    switch connection.identity {
    case .anonymous, .token: return false
    case .tokenFile, .program, .issued:
      if current?.generation == used.generation { current = nil }
      return true
    }
  }

  private static func make(
    _ connection: KubernetesConnection, _ environment: [String: String], _ time: any TimeSource
  ) async throws -> Credential {
    var credential = Credential()
    if let certificate = connection.certificate {
      credential.certificate = TransportOptions.Identity(
        certificate: try certificate.chain.bytes(),
        key: Secret(try certificate.key.reveal().bytes()))
    }
    switch connection.identity {
    case .anonymous: break
    case .token(let token): credential.token = token
    case .tokenFile(let path):
      let bytes = try DurableFile.read(path, limit: 1 << 20)
      credential.token = Secret(String(decoding: bytes, as: UTF8.self).trimmingWhitespace())
      credential.renewAt = time.now().wall + tokenFileLifetime
    case .issued(let issuer):
      let (token, renewAt) = try await issuer.token()
      credential.token = token
      credential.renewAt = renewAt
    case .program(let program):
      let printed = try await CredentialProgramRun(
        program: program, connection: connection, environment: environment
      ).credential()
      credential.token = printed.token
      credential.certificate = printed.certificate ?? credential.certificate
      credential.renewAt = printed.renewAt.map { $0 - leeway }
    }
    return credential
  }
}

extension Material {
  /// The largest file that is read.
  static let maximumSize = 1 << 20

  /// The bytes, read anew when they stand in a file.
  func bytes() throws(FileError) -> [UInt8] {
    switch self {
    case .bytes(let bytes): bytes
    case .file(let path): try DurableFile.read(path, limit: Self.maximumSize)
    }
  }
}
