public import AWSClient
public import Evidence
public import HTTPClient
public import Platform
public import StrictJSON

/// Where evidence goes besides the disk: anchors of the ledger, who is told of runs, telemetry. A
/// JSON file, strict: what it holds and nobody reads is an error.
public struct EvidenceSettings: Sendable {
  /// The anchors.
  public let anchors: [any Anchor]
  /// Who is told.
  public let notifiers: [any Notifier]
  /// Where traces go; nil for nowhere.
  public let trace: TraceExporter?
  /// The folder of the textfile collector; nil for none.
  public let prometheusFolder: String?

  /// What the parts are made with.
  public struct Means: Sendable {
    let environment: [String: String]
    let client: AWSClient
    let http: HTTPClient
    let time: any TimeSource
    let random: any RandomSource

    /// Gathers them.
    public init(
      environment: [String: String], client: AWSClient, http: HTTPClient, time: any TimeSource,
      random: any RandomSource
    ) {
      self.environment = environment
      self.client = client
      self.http = http
      self.time = time
      self.random = random
    }
  }

  /// No settings.
  public init() {
    anchors = []
    notifiers = []
    trace = nil
    prometheusFolder = nil
  }

  /// Reads the settings.
  ///
  /// - Throws: `Problem` that names the member that cannot be used.
  public init(json: JSONValue, _ means: Means) throws {
    let top = try SettingsReader(
      json, at: "evidence", allowing: ["anchors", "notify", "trace", "prometheus"])
    anchors = try top.list("anchors").map { try Self.anchor($0, means) }
    guard Set(anchors.map(\.name)).count == anchors.count else {
      throw top.fault("anchors", "two have the same name")
    }
    notifiers = try top.list("notify").map { try Self.notifier($0, means) }
    trace = try top.object("trace").map { TraceExporter(try Self.webhook($0, means)) }
    let prometheus = try top.object("prometheus").map {
      try SettingsReader($0.value, at: $0.place, allowing: ["folder"])
    }
    prometheusFolder = try prometheus?.text("folder")
  }

  private static func anchor(_ entry: SettingsReader.Entry, _ means: Means) throws -> any Anchor {
    let reader = try SettingsReader(
      entry.value, at: entry.place, allowing: ["name", "s3", "rfc3161", "webhook"])
    let name = try reader.text("name")
    guard !name.isEmpty, name.utf8.allSatisfy({ $0.isLowercaseOrDigit || $0 == UInt8(ascii: "-") })
    else { throw reader.fault("name", "it may have lower-case letters, digits and '-'") }
    if let s3 = try reader.object("s3") { return try lockedBucket(name, s3, means) }
    if let authority = try reader.object("rfc3161") {
      let fields = try SettingsReader(authority.value, at: authority.place, allowing: ["url"])
      return TimestampAnchor(
        name: name, url: try fields.text("url"), http: means.http, random: means.random)
    }
    guard let hook = try reader.object("webhook") else {
      throw reader.fault("s3", "one of 's3', 'rfc3161' and 'webhook' is needed")
    }
    return WebhookAnchor(name: name, try webhook(hook, means))
  }

  private static func lockedBucket(
    _ name: String, _ entry: SettingsReader.Entry, _ means: Means
  ) throws -> ObjectLockAnchor {
    let reader = try SettingsReader(
      entry.value, at: entry.place,
      allowing: ["bucket", "prefix", "region", "mode", "retainDays"])
    let mode = try reader.optionalText("mode") ?? "COMPLIANCE"
    guard ["COMPLIANCE", "GOVERNANCE"].contains(mode) else {
      throw reader.fault("mode", "it is COMPLIANCE or GOVERNANCE")
    }
    guard let days = reader.integer("retainDays"), (1...36_500).contains(days) else {
      throw reader.fault("retainDays", "a number of days from 1 to 36500 is needed")
    }
    return ObjectLockAnchor(
      name: name, bucket: try reader.text("bucket"),
      prefix: try reader.optionalText("prefix") ?? "", region: try reader.text("region"),
      retention: .init(mode: mode, period: .seconds(days * 86_400)), client: means.client,
      time: means.time)
  }

  private static func notifier(
    _ entry: SettingsReader.Entry, _ means: Means
  ) throws -> any Notifier {
    let reader = try SettingsReader(entry.value, at: entry.place, allowing: ["webhook", "sns"])
    if let topic = try reader.optionalText("sns") {
      return try TopicNotifier(topic: topic, client: means.client)
    }
    guard let hook = try reader.object("webhook") else {
      throw reader.fault("webhook", "one of 'webhook' and 'sns' is needed")
    }
    return WebhookNotifier(try webhook(hook, means))
  }

  private static func webhook(_ entry: SettingsReader.Entry, _ means: Means) throws -> Webhook {
    let reader = try SettingsReader(
      entry.value, at: entry.place, allowing: ["url", "bearerEnv", "hmacEnv"])
    let url = try reader.text("url")
    guard url.hasPrefix("https://") || url.hasPrefix("http://") else {
      throw reader.fault("url", "it begins with neither https:// nor http://")
    }
    let secret = { (name: String) throws -> Secret<String>? in
      guard let variable = try reader.optionalText(name) else { return nil }
      guard let value = means.environment[variable], !value.isEmpty else {
        throw reader.fault(name, "the variable \(variable) is not set")
      }
      return Secret(value)
    }
    return Webhook(
      url: url, bearer: try secret("bearerEnv"), key: try secret("hmacEnv"), http: means.http,
      time: means.time)
  }
}

/// Reads the members of an object of the settings.
struct SettingsReader {
  /// A value and where it stands.
  struct Entry {
    let value: JSONValue
    let place: String
  }

  private let object: JSONObject
  private let place: String

  init(_ value: JSONValue, at place: String, allowing known: Set<String>) throws {
    guard let object = value.objectValue else {
      throw Self.fault(place, "an object is expected")
    }
    self.object = object
    self.place = place
    for member in object.members where !known.contains(member.key) {
      throw Self.fault(
        "\(place).\(member.key)",
        "there is no such setting; known are \(known.sorted().joined(separator: ", "))")
    }
  }

  private static func fault(_ place: String, _ reason: String) -> Problem {
    Problem(
      "the evidence settings cannot be used", on: place, because: reason,
      fix: "Correct the file; docs/evidence.md shows every setting.")
  }

  func fault(_ name: String, _ reason: String) -> Problem { Self.fault("\(place).\(name)", reason) }

  func optionalText(_ name: String) throws -> String? {
    guard let value = object[name] else { return nil }
    guard let text = value.stringValue else { throw fault(name, "a text is expected") }
    return text
  }

  func text(_ name: String) throws -> String {
    guard let text = try optionalText(name), !text.isEmpty else {
      throw fault(name, "it is missing")
    }
    return text
  }

  func integer(_ name: String) -> Int? { object[name]?.integerValue.map { Int($0) } }

  func object(_ name: String) throws -> Entry? {
    guard let value = object[name] else { return nil }
    guard value.objectValue != nil else { throw fault(name, "an object is expected") }
    return Entry(value: value, place: "\(place).\(name)")
  }

  func list(_ name: String) throws -> [Entry] {
    guard let value = object[name] else { return [] }
    guard let elements = value.arrayValue else { throw fault(name, "a list is expected") }
    return elements.enumerated().map { Entry(value: $1, place: "\(place).\(name)[\($0)]") }
  }
}
