import HTTPClient
import Platform
import StrictJSON
import Synchronization
import Testing

@testable import AWSClient

/// Gives its credentials one after the other, the last one again and again.
private final class ListedCredentials: CredentialProvider {
  private let left: Mutex<[AWSCredentials]>

  init(_ credentials: [AWSCredentials]) { left = Mutex(credentials) }

  func credentials() async throws -> AWSCredentials? {
    left.withLock { left in left.count > 1 ? left.removeFirst() : left.first }
  }
}

/// The machine's clock; what is slept passes at once.
private struct HurriedTime: TimeSource {
  func now() -> ClockReading { SystemTime().now() }
  func sleep(for duration: Duration) async throws {}
}

/// Whole calls against a server that is hard to please.
@Suite struct ClientTests {
  private let server: CredentialServer

  init() async throws { server = try await CredentialServer() }

  private func client(
    _ credentials: [AWSCredentials], lostRegion: String? = nil,
    bounds: ExchangeBounds = ExchangeBounds()
  ) throws -> AWSClient {
    AWSClient(
      settings: try AWSSettings(environment: ["AWS_ENDPOINT_URL": server.url, "HOME": "/absent"]),
      http: HTTPClient(), credentials: ListedCredentials(credentials), time: HurriedTime(),
      random: SystemRandom(), version: "0", lostRegion: lostRegion, bounds: bounds)
  }

  private func key(_ name: String, token: String? = nil) -> AWSCredentials {
    AWSCredentials(
      accessKeyID: name, secretAccessKey: Secret("s"), sessionToken: token.map { Secret($0) },
      source: "test")
  }

  @Test func anExpiredTokenIsReplacedInTheMiddleOfACall() async throws {
    let client = try client([key("A", token: "expired"), key("B", token: "fresh")])
    _ = try await client.send(GetCallerIdentity(), region: "us-west-2", log: nil)
    let tokens = try server.requests().map { $0["headers"]?.string("x-amz-security-token") }
    #expect(tokens == ["expired", "fresh"])
  }

  @Test func aTokenThatStaysExpiredIsTriedOnceMoreAndNoOftener() async throws {
    let client = try client([key("A", token: "expired")])
    let error = await #expect(throws: AWSError.self) {
      try await client.send(GetCallerIdentity(), region: "us-west-2", log: nil)
    }
    #expect(error?.isExpiredToken == true)
    #expect(try server.requests().count == 2)
  }

  @Test func aClockThatIsYearsOffIsCorrectedByTheServicesOwn() async throws {
    let client = try client([key("SKEWED")])
    _ = try await client.send(GetCallerIdentity(), region: "us-west-2", log: nil)
    #expect(try server.requests().count == 2)
    #expect(client.clockOffset > .seconds(86_400) || client.clockOffset < .seconds(-86_400))
    _ = try await client.send(GetCallerIdentity(), region: "us-west-2", log: nil)
    #expect(try server.requests().count == 3)
  }

  @Test func aBusyServiceIsAskedThreeTimesUnderOneInvocation() async throws {
    let log = CallLog()
    _ = try await client([key("BUSY2")]).send(GetCallerIdentity(), region: "r", log: log)
    #expect(log.kept.map(\.attempts) == [3])
    let sent = try server.requests().compactMap { $0["headers"] }
    #expect(
      sent.map { $0.string("amz-sdk-request") } == [
        "attempt=1; max=3", "attempt=2; max=3", "attempt=3; max=3",
      ])
    #expect(Set(sent.map { $0.string("amz-sdk-invocation-id") }).count == 1)
    #expect(sent[0].string("user-agent")?.hasPrefix("mosaic-dr/0 ua/2.1") == true)
    let error = await #expect(throws: AWSError.self) {
      try await client([key("BUSY9")]).send(GetCallerIdentity(), region: "r", log: nil)
    }
    #expect(error?.attempts == 3)
  }

  private static let impatient = ExchangeBounds(
    whole: .seconds(1), longCall: .seconds(600), silence: .seconds(120))

  /// S3 sends white space while it copies, for minutes maybe; other calls have to be done in time.
  @Test func aCopyMayTakeLongerThanOtherCalls() async throws {
    let client = try client([key("A")], bounds: Self.impatient)
    let source = CopySource(S3ObjectName(bucket: "from", key: "k"))
    let copied = try await client.send(
      CopyObject(source, to: "slow", key: "k"), region: "us-west-2", log: nil)
    #expect(copied == "e")
    let part = try await client.send(
      UploadPartCopy(source, range: 0..<9, to: "slow", key: "k", upload: "u", part: 1),
      region: "us-west-2", log: nil)
    #expect(part == "\"e\"")
    let whole = try await client.send(
      CompleteMultipartUpload(bucket: "slow", key: "k", upload: "u", parts: [part]),
      region: "us-west-2", log: nil)
    #expect(whole == "e")
    let error = await #expect(throws: AWSError.self) {
      try await client.send(
        DeleteObject(bucket: "slow", key: "k"), region: "us-west-2", log: nil)
    }
    guard case .noAnswer(let cause) = error?.cause else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(cause.kind == .timedOut)
  }

  @Test func aCopyOfWhichNothingIsHeardIsGivenUp() async throws {
    let bounds = ExchangeBounds(
      whole: .seconds(1), longCall: .seconds(600), silence: .seconds(1))
    let client = try client([key("A")], bounds: bounds)
    let error = await #expect(throws: AWSError.self) {
      try await client.send(
        CompleteMultipartUpload(bucket: "slow", key: "silent", upload: "u", parts: []),
        region: "us-west-2", log: nil)
    }
    #expect(error?.mayHaveTakenEffect == true)
  }

  @Test func noCallReachesARegionThatIsDeclaredLost() async throws {
    let client = try client([key("A")], lostRegion: "us-east-1")
    for attempt in [
      { try await client.send(GetCallerIdentity(), region: "us-east-1", log: nil) },
      // The one endpoint of this service lies there, whatever region it is asked from.
      {
        _ = try await client.send(
          ListResourceRecordSets(zone: "Z", startingAt: "a"), region: "us-west-2", log: nil)
        return CallerIdentity(account: "", arn: "")
      },
      {
        _ = try await client.signed(
          HTTPRequest(method: "GET", url: "http://h/"), for: .s3, in: "us-east-1")
        return CallerIdentity(account: "", arn: "")
      },
    ] as [@Sendable () async throws -> CallerIdentity] {
      let error = await #expect(throws: AWSError.self) { try await attempt() }
      #expect(error?.reason.contains("declared lost") == true)
      #expect(error?.hasReachedService == false && error?.isTransient == false)
    }
    #expect(try server.requests().isEmpty)
    _ = try await client.send(GetCallerIdentity(), region: "us-west-2", log: nil)
    #expect(try server.requests().count == 1)
  }
}
