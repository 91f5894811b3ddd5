import HTTPClient
public import Platform
public import StrictJSON

/// The input of a call whose parts stand in the path, the query, header fields and the body. From it
/// come both the wire form and the AWS CLI command.
public struct RESTInput: Sendable {
  private var method: String
  private var path: String
  private var query: [(name: String, value: String?)] = []
  private var headers: [HTTPHeader] = []
  private(set) var members = JSONObject()
  private var payload: [UInt8]?
  private var bucket: String?
  private(set) var commandOptions: [CommandOption] = []
  /// The largest answer accepted, in bytes.
  public var maximumAnswerSize = 16 << 20

  /// Starts with the method and a path in which `{name}` stands for what ``setPath`` gives.
  public init(_ method: String, _ path: String) {
    self.method = method
    self.path = path
  }

  /// Puts a value in the path. Slashes are kept in names of S3 objects alone.
  public mutating func setPath(_ name: String, _ value: String, keepingSlashes: Bool = false) {
    let encoded = PercentEncoding.encode(value, keepingSlashes: keepingSlashes)
    path = path.replacingFirst("{\(name)}", with: encoded)
    commandOptions.append(CommandOption(name, .text(value)))
  }

  /// Names S3's bucket.
  public mutating func setBucket(_ value: String) {
    bucket = value
    commandOptions.append(CommandOption("Bucket", .text(value)))
  }

  /// Adds a query parameter; nil adds nothing.
  ///
  /// - Parameter wire: its name on the wire, where that differs from the API's.
  public mutating func setQuery(_ name: String, _ value: String?, wire: String? = nil) {
    guard let value else { return }
    query.append((wire ?? name, value))
    commandOptions.append(CommandOption(name, .text(value)))
  }

  /// Adds a query parameter that says which call is meant, and is no input of it: `?versions`.
  public mutating func setMarker(_ name: String, _ value: String? = nil) {
    query.append((name, value))
  }

  /// Adds a header field; nil adds nothing.
  public mutating func setHeader(_ name: String, _ value: String?, wire: String) {
    guard let value else { return }
    headers.append(HTTPHeader(wire, value))
    commandOptions.append(CommandOption(name, .text(value)))
  }

  /// Adds a header field whose value is percent-encoded; placeholders in it stay readable in a command.
  mutating func setEncodedHeader(_ name: String, _ value: String?, wire: String) {
    guard let value else { return }
    headers.append(HTTPHeader(wire, value))
    let shown = value.replacing("%3C", with: "<").replacing("%3E", with: ">")
    commandOptions.append(CommandOption(name, .text(shown)))
  }

  /// What the header fields of an object's own metadata begin with.
  static let metadataPrefix = "x-amz-meta-"

  /// Adds what is stored with an object, by the lower-case names of its header fields.
  mutating func setMetadata(_ fields: [String: String]) {
    var own: [String] = []
    for (name, value) in fields.sorted(by: { $0.key < $1.key }) {
      headers.append(HTTPHeader(name, value))
      if name.hasPrefix(Self.metadataPrefix) {
        own.append("\(name.dropFirst(Self.metadataPrefix.count))=\(value)")
      } else {
        let words = name.split(separator: "-").map { $0.prefix(1).uppercased() + $0.dropFirst() }
        commandOptions.append(CommandOption(words.joined(), .text(value)))
      }
    }
    if !own.isEmpty {
      commandOptions.append(CommandOption("Metadata", .text(own.joined(separator: ","))))
    }
  }

  /// Adds the tags of an object that is made.
  mutating func setTagging(_ tags: [String: String]) {
    let pairs = tags.sorted { $0.key < $1.key }.map {
      "\(PercentEncoding.encode($0.key))=\(PercentEncoding.encode($0.value))"
    }
    setEncodedHeader(
      "Tagging", pairs.isEmpty ? nil : pairs.joined(separator: "&"), wire: "x-amz-tagging")
  }

  /// Where the AWS CLI puts the body of the answer; no part of the call itself.
  mutating func setOperand(_ file: String) {
    commandOptions.append(CommandOption("", .operand(file)))
  }

  /// Adds a header field that no command line may show.
  mutating func setSecretHeader(_ name: String, _ value: Secret<String>, wire: String) {
    headers.append(HTTPHeader(wire, value.reveal()))
    commandOptions.append(CommandOption(name, .secret))
  }

  /// Adds a member of the JSON body that no command line may show.
  public mutating func setSecretMember(_ name: String, _ value: Secret<String>) {
    members[name] = .string(value.reveal())
    commandOptions.append(CommandOption(name, .secret))
  }

  /// Adds a member of the JSON body; nil adds nothing.
  public mutating func setMember(_ name: String, _ value: JSONValue?) {
    guard let value else { return }
    members[name] = value
    commandOptions.append(CommandOption(name, json: value))
  }

  /// Gives the whole body, and how the AWS CLI is given the same.
  public mutating func setPayload(_ bytes: [UInt8], type: String, option: CommandOption?) {
    payload = bytes
    headers.append(HTTPHeader("Content-Type", type))
    if let option { commandOptions.append(option) }
  }

  func message(jsonBody: Bool) throws -> WireMessage {
    var message = WireMessage(
      method: method, path: path, query: query, headers: headers, body: payload ?? [],
      bucket: bucket, maximumAnswerSize: maximumAnswerSize)
    if jsonBody, payload == nil, !members.members.isEmpty {
      message.body = try JSONValue.object(members).canonicalBytes()
      message.headers.append(HTTPHeader("Content-Type", "application/json"))
    }
    return message
  }
}

extension String {
  fileprivate func replacingFirst(_ part: String, with replacement: String) -> String {
    guard let range = firstRange(of: part) else { return self }
    return String(self[..<range.lowerBound]) + replacement + String(self[range.upperBound...])
  }
}
