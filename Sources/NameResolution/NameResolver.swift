import Dispatch
import Glibc
public import Platform

/// The types of records that are asked for.
public enum RecordType: UInt16, Sendable {
  /// `A`: an IPv4 address.
  case address = 1
  /// `CNAME`: another name.
  case alias = 5
}

/// A record as a resolver gave it.
public struct DNSRecord: Sendable, Equatable {
  /// The name, lower-case, without a dot at its end.
  public let name: String
  /// The type.
  public let type: RecordType
  /// For how many seconds it may be kept.
  public let ttl: Int
  /// The address, or the other name.
  public let value: String
}

/// Asks one resolver over UDP (RFC 1035), past every cache of this machine.
public struct NameResolver: Sendable {
  /// The bound on one question.
  public static let timeout: Duration = .seconds(3)
  private static let largestAnswer = 4_096

  private let host: String
  private let port: UInt16
  private let random: any RandomSource

  /// Names the resolver.
  ///
  /// - Parameter address: an IPv4 address, with `:port` or without; nil for the first of
  ///   `/etc/resolv.conf`.
  /// - Throws: `Problem` when it is none, or when there is none.
  public init(address: String?, random: any RandomSource) throws {
    let text = try address ?? Self.systemResolver()
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count <= 2, let port = parts.count == 2 ? UInt16(parts[1]) : 53 else {
      throw Self.notAResolver(text)
    }
    host = String(parts[0])
    self.port = port
    self.random = random
  }

  /// What the resolver has under a name; nothing when the name does not exist.
  public func records(of name: String, _ type: RecordType) async throws -> [DNSRecord] {
    let identifier = UInt16(truncatingIfNeeded: random.next())
    let question = try DNSMessage.question(name, type, identifier: identifier)
    let answer = try await withCheckedThrowingContinuation { continuation in
      DispatchQueue(label: "name-resolver").async { @Sendable in
        continuation.resume(with: Result { try exchange(question) })
      }
    }
    return try DNSMessage.answers(in: answer, identifier: identifier)
  }

  private func exchange(_ question: [UInt8]) throws -> [UInt8] {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    guard inet_pton(AF_INET, host, &address.sin_addr) == 1 else { throw Self.notAResolver(host) }
    let descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
    guard descriptor >= 0 else { throw unanswered("no socket can be made (errno \(errno))") }
    defer { close(descriptor) }
    var limit = timeval(tv_sec: Int(Self.timeout.wholeMilliseconds / 1_000), tv_usec: 0)
    setsockopt(
      descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    let connected = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard connected == 0, send(descriptor, question, question.count, 0) == question.count else {
      throw unanswered("it cannot be sent to (errno \(errno))")
    }
    var answer = [UInt8](repeating: 0, count: Self.largestAnswer)
    let length = recv(descriptor, &answer, answer.count, 0)
    guard length > 0 else { throw unanswered("no answer within \(Self.timeout.readable)") }
    return Array(answer.prefix(length))
  }

  private func unanswered(_ reason: String) -> Problem {
    Problem(
      "the resolver does not answer", on: "\(host):\(port)", because: reason,
      fix: "Check the resolver that the plan names, and that this machine may reach it.")
  }

  private static func notAResolver(_ text: String) -> Problem {
    Problem(
      "this is no resolver", on: text, because: "an IPv4 address is needed, with a port or without",
      fix: "Write, for example, 10.0.0.2 or 127.0.0.1:5353.")
  }

  private static func systemResolver() throws -> String {
    let text = String(
      decoding: try DurableFile.read("/etc/resolv.conf", limit: 1 << 16), as: UTF8.self)
    for line in text.split(whereSeparator: \.isNewline) {
      let words = line.split(separator: " ")
      if words.count > 1, words[0] == "nameserver", words[1].contains(".") {
        return String(words[1])
      }
    }
    throw notAResolver("/etc/resolv.conf names none")
  }
}
