import Foundation
import Testing

/// Two regions of S3 that a test steers; see docs/testing.md.
struct S3Lab {
  static var url: String? { ProcessInfo.processInfo.environment["MOSAIC_S3_LAB"] }

  /// What a program of the system prints.
  static func output(of words: [String]) throws -> Data {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = words
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return data
  }

  @discardableResult
  func callAsFunction(_ path: String, _ body: [String: Any] = [:]) throws -> [String: Any] {
    let json = try JSONSerialization.data(withJSONObject: body)
    let data = try Self.output(of: [
      "curl", "-sS", "--max-time", "60", "-X", "POST", "\(try #require(Self.url))/lab/\(path)",
      "-d", String(decoding: json, as: UTF8.self),
    ])
    let answer = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    #expect(answer["error"] == nil, "\(answer)")
    return answer
  }

  /// What an owner of the account changes in its settings, or sees there.
  @discardableResult
  func aws(
    _ service: String, _ region: String, _ call: String, _ arguments: [String: Any]
  ) throws -> [String: Any] {
    let answer = try self(
      "aws", ["service": service, "region": region, "call": call, "arguments": arguments])
    return answer["answer"] as? [String: Any] ?? [:]
  }

  func keys(_ bucket: String, _ region: String) throws -> [String] {
    try #require(
      try self("keys", ["bucket": bucket, "region": region])["keys"] as? [String])
  }

  func replicaKeys() throws -> [String] { try keys("mosaic-media-dr", "us-west-2") }

  /// Objects that stay at the source alone, and are too old to be in flight.
  func fallBehind(_ keys: [String]) throws {
    try self("replicate", ["on": false])
    try self("put", ["keys": keys])
  }

  /// The keys that pages of a bucket had since this was asked last; looks for single keys are none.
  func listedKeys(_ bucket: String) throws -> [String] {
    let requests = try #require(try self("requests")["requests"] as? [[String: Any]])
    return requests.filter { $0["path"] as? String == "/\(bucket)/" && $0["asked"] as? Int != 1 }
      .flatMap { $0["keys"] as? [String] ?? [] }
  }
}
