public import AWSClient
public import HTTPClient
public import Platform
import Synchronization

/// Lists a real bucket: signs, asks, retries, and holds back when the bucket asks for it.
public struct BucketListing: ListingSource {
  /// The bound on one exchange.
  public static let exchangeTimeout: Duration = .seconds(60)
  /// How often one page is asked for.
  public static let maximumAttempts = 8
  /// The largest page accepted, in bytes: a thousand keys of 1,024 bytes, each of three characters.
  public static let maximumPageSize = 8 << 20
  /// The SHA-256 of nothing.
  private static let emptyDigest =
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

  /// The bucket.
  public let bucket: String
  /// Where it is.
  public let region: String
  private let client: AWSClient
  private let http: HTTPClient
  private let address: String
  private let throttle: ServiceThrottle
  private let time: any TimeSource
  private let memory = PageMemory()

  public var name: String { bucket }
  public var executors: [any TaskExecutor] { http.executors }

  /// Creates a listing.
  public init(
    bucket: String, region: String, client: AWSClient, http: HTTPClient, time: any TimeSource,
    random: any RandomSource
  ) {
    self.bucket = bucket
    self.region = region
    self.client = client
    self.http = http
    address = client.settings.s3URL(bucket: bucket, path: "/", query: "", in: region)
    self.time = time
    throttle = ServiceThrottle(time: time, random: random)
  }

  public nonisolated(nonsending) func page(
    _ query: ListingQuery, at position: PagePosition,
    foundNext: @escaping @Sendable (PagePosition) -> Void
  ) async throws -> ListingPage {
    try await ask(query, at: position, foundNext) { try $0.read() }
  }

  public nonisolated(nonsending) func fetch(
    _ query: ListingQuery, at position: PagePosition,
    foundNext: @escaping @Sendable (PagePosition) -> Void
  ) async throws -> FetchedPage {
    try await ask(query, at: position, foundNext) { $0 }
  }

  public func reuse(_ page: consuming ListingPage) { memory.give(page) }

  /// Asks until there is a page, of which `use` can be made.
  private nonisolated(nonsending) func ask<Page>(
    _ query: ListingQuery, at position: PagePosition,
    _ foundNext: @escaping @Sendable (PagePosition) -> Void, _ use: (FetchedPage) throws -> Page
  ) async throws -> Page {
    let url = "\(address)?\(Self.query(query, at: position))"
    var attempt = 0
    while true {
      attempt += 1
      try await throttle.pass()
      do {
        var room = memory.take()
        let bytes = try await fetch(url, attempt, into: room.takeBytes(), foundNext)
        let page = try use(FetchedPage(bytes, room: room, at: position))
        throttle.succeeded()
        return page
      } catch let error where attempt < Self.maximumAttempts && Self.isTransient(error) {
        throttle.failed(isSlowDown: (error as? ListingError)?.isSlowDown ?? false)
      }
    }
  }

  private nonisolated(nonsending) func fetch(
    _ url: String, _ attempt: Int, into memory: consuming [UInt8],
    _ foundNext: @escaping @Sendable (PagePosition) -> Void
  ) async throws -> [UInt8] {
    let buffer = PageBuffer(memory, limit: Self.maximumPageSize, foundNext: foundNext)
    let sent = time.now()
    let request = try await client.signed(
      HTTPRequest(
        method: "GET", url: url,
        headers: [HTTPHeader("x-amz-content-sha256", Self.emptyDigest)],
        timeout: Self.exchangeTimeout), for: .s3, in: region)
    let answer = try await http.send(request, handingBodyTo: buffer.append)
    client.noteClock(of: answer, sent: sent)
    guard answer.status == 200 else {
      throw ListingError(
        bucket: bucket, region: region, status: answer.status, body: answer.body,
        attempts: attempt)
    }
    return buffer.take()
  }

  private static func isTransient(_ error: any Error) -> Bool {
    switch error {
    case let error as ListingError: error.isTransient
    case let error as TransportError: error.kind != .tlsRefused && error.kind != .notARequest
    // A page that cannot be read was cut short.
    case is Problem: true
    default: false
    }
  }

  /// The query, sorted by name as Signature Version 4 wants it.
  static func query(_ query: ListingQuery, at position: PagePosition) -> String {
    var text = ""
    text.reserveCapacity(256)
    func add(_ name: String, _ value: String?) {
      guard let value else { return }
      if !text.isEmpty { text += "&" }
      text += name
      text += "="
      text += value
    }
    let (key, version, token) = markers(of: position)
    let isVersions = query.includesVersions
    add("continuation-token", isVersions ? nil : token)
    add("delimiter", query.delimiter.map { KeyEncoding.encode($0.utf8) })
    add("encoding-type", "url")
    add("key-marker", isVersions ? key : nil)
    add("list-type", isVersions ? nil : "2")
    add("max-keys", String(query.limit))
    add("prefix", query.prefix.isEmpty ? nil : KeyEncoding.encode(query.prefix))
    add("start-after", isVersions ? nil : key)
    add("version-id-marker", isVersions ? version : nil)
    add("versions", isVersions ? "" : nil)
    return text
  }

  /// What says where a page begins, encoded.
  private static func markers(
    of position: PagePosition
  ) -> (key: String?, version: String?, token: String?) {
    switch position {
    case .after(let key): (key.map { KeyEncoding.encode($0) }, nil, nil)
    case .version(let key, let version):
      (KeyEncoding.encode(key), KeyEncoding.encode(version.utf8), nil)
    case .token(let token): (nil, nil, KeyEncoding.encode(token.utf8))
    }
  }
}

/// Collects a page on the transfer's thread, and looks for where the next one begins as it comes.
private final class PageBuffer: Sendable {
  private let limit: Int
  private let foundNext: @Sendable (PagePosition) -> Void
  private let bytes: Mutex<[UInt8]>

  init(
    _ memory: consuming [UInt8], limit: Int, foundNext: @escaping @Sendable (PagePosition) -> Void
  ) {
    bytes = Mutex(memory)
    self.limit = limit
    self.foundNext = foundNext
  }

  @Sendable func append(_ part: UnsafeRawBufferPointer) -> Bool {
    let token = bytes.withLock { bytes -> String?? in
      guard bytes.count + part.count <= limit else { return nil }
      let isFirst = bytes.isEmpty
      bytes.append(contentsOf: part)
      return .some(isFirst ? ListingParser.earlyToken(in: bytes) : nil)
    }
    guard let token else { return false }
    if let token { foundNext(.token(token)) }
    return true
  }

  func take() -> [UInt8] {
    bytes.withLock { bytes in
      defer { bytes = [] }
      return bytes
    }
  }
}
