import Cryptography
import Dispatch
import Glibc
import Platform

/// An Ed25519 key that an SSH agent holds (draft-ietf-sshm-ssh-agent). The agent signs the message
/// as it is: the signature is the one that a key file would give.
public struct AgentSigner: Signer {
  /// A person may have to confirm.
  static let patience: Int = 60
  /// The largest answer that is read.
  static let maximumAnswer = 256 << 10

  private let socket: String
  private let key: Ed25519.VerifyingKey

  public var publicKey: PublicKey { .ed25519(key) }

  /// Finds a key of the agent by its comment or by its identifier; without a name the only one.
  public init(socket: String, named name: String) async throws {
    let answer = try await Self.ask(socket, [11])
    let found = Self.identities(answer).filter { identity in
      name.isEmpty || identity.comment == name
        || PublicKey.ed25519(identity.key).identifier.hasPrefix(name)
    }
    guard let first = found.first, found.count == 1 else {
      throw Problem(
        "the SSH agent's key cannot be chosen", on: socket,
        because: found.isEmpty
          ? "it holds no Ed25519 key of that name" : "\(found.count) of its keys would do",
        fix: "See 'ssh-add -l'; name one by its comment: --key agent:COMMENT.")
    }
    self.socket = socket
    key = first.key
  }

  public func sign(_ message: [UInt8]) async throws -> [UInt8] {
    let answer = try await Self.ask(socket, Self.signRequest(key, message))
    guard let signature = Self.signature(answer) else {
      throw Problem(
        "the SSH agent has not signed", on: socket,
        because: "it refused, or a person did not confirm",
        fix: "Check 'ssh-add -l', and confirm when asked.")
    }
    return signature
  }

  static func signRequest(_ key: Ed25519.VerifyingKey, _ message: [UInt8]) -> [UInt8] {
    let blob = text(Array("ssh-ed25519".utf8)) + text(key.bytes)
    return [13] + text(blob) + text(message) + [0, 0, 0, 0]
  }

  static func signature(_ answer: [UInt8]) -> [UInt8]? {
    var outer = AgentReader(answer[...])
    guard outer.byte() == 14, let body = outer.text() else { return nil }
    var inner = AgentReader(body)
    guard inner.text().map({ $0.elementsEqual("ssh-ed25519".utf8) }) == true,
      let signature = inner.text(), signature.count == 64
    else { return nil }
    return Array(signature)
  }

  static func identities(_ answer: [UInt8]) -> [(key: Ed25519.VerifyingKey, comment: String)] {
    var reader = AgentReader(answer[...])
    guard reader.byte() == 12, let count = reader.number() else { return [] }
    var found: [(Ed25519.VerifyingKey, String)] = []
    for _ in 0..<min(count, 1_000) {
      guard let blob = reader.text(), let comment = reader.text() else { break }
      var inner = AgentReader(blob)
      guard inner.text().map({ $0.elementsEqual("ssh-ed25519".utf8) }) == true,
        let key = inner.text().flatMap({ Ed25519.VerifyingKey(bytes: Array($0)) })
      else { continue }
      found.append((key, String(decoding: comment, as: UTF8.self)))
    }
    return found
  }

  static func text(_ bytes: [UInt8]) -> [UInt8] { AgentReader.bigEndian(bytes.count) + bytes }

  private static func ask(_ socket: String, _ body: [UInt8]) async throws -> [UInt8] {
    try await withCheckedThrowingContinuation { continuation in
      // The socket calls block; they have a thread of their own.
      DispatchQueue.global().async { @Sendable in
        continuation.resume(with: Result { try UnixSocket.exchange(socket, text(body)) })
      }
    }
  }
}

/// Reads the fields of an agent's message.
struct AgentReader {
  private var rest: ArraySlice<UInt8>

  init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

  static func bigEndian(_ number: Int) -> [UInt8] {
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) }
  }

  mutating func byte() -> UInt8? { rest.popFirst() }

  mutating func number() -> Int? {
    guard rest.count >= 4 else { return nil }
    defer { rest = rest.dropFirst(4) }
    return rest.prefix(4).reduce(0) { $0 << 8 | Int($1) }
  }

  mutating func text() -> ArraySlice<UInt8>? {
    guard let count = number(), rest.count >= count else { return nil }
    defer { rest = rest.dropFirst(count) }
    return rest.prefix(count)
  }
}

/// One question and one answer over a socket of this machine.
private enum UnixSocket {
  static func exchange(_ path: String, _ question: [UInt8]) throws(Problem) -> [UInt8] {
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw failure(path) }
    defer { close(descriptor) }
    var bound = timeval(tv_sec: AgentSigner.patience, tv_usec: 0)
    let size = socklen_t(MemoryLayout<timeval>.size)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &bound, size)
    setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &bound, size)
    try connect(descriptor, path)
    var sent = 0
    while sent < question.count {
      let count = question[sent...].withUnsafeBytes {
        send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      if count <= 0 { throw failure(path) }
      sent += count
    }
    var head = AgentReader(try receive(descriptor, 4, path)[...])
    guard let count = head.number(), count <= AgentSigner.maximumAnswer else {
      throw Problem(
        "the SSH agent cannot be understood", on: path, because: "its answer is too large",
        fix: "Check that $SSH_AUTH_SOCK is the socket of an SSH agent.")
    }
    return try receive(descriptor, count, path)
  }

  private static func connect(_ descriptor: Int32, _ path: String) throws(Problem) {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let bytes = Array(path.utf8)
    let fits = withUnsafeMutableBytes(of: &address.sun_path) { field in
      guard bytes.count < field.count else { return false }
      field.copyBytes(from: bytes)
      return true
    }
    let status = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard fits, status == 0 else { throw failure(path) }
  }

  private static func receive(
    _ descriptor: Int32, _ count: Int, _ path: String
  ) throws(Problem) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    var got = 0
    while got < count {
      let part = bytes.withUnsafeMutableBytes {
        recv(descriptor, $0.baseAddress?.advanced(by: got), count - got, 0)
      }
      if part <= 0 { throw failure(path) }
      got += part
    }
    return bytes
  }

  private static func failure(_ path: String) -> Problem {
    Problem(
      "the SSH agent cannot be reached", on: path, because: String(cString: strerror(errno)),
      fix: "Start one, add the key with 'ssh-add', and set $SSH_AUTH_SOCK.")
  }
}
