import StrictJSON

/// How far a change of DNS records has come.
public struct RecordChange: Sendable, Equatable {
  /// The identifier, as `C2682N5HXP0BZ4`.
  public let identifier: String
  /// Whether every authoritative server has it.
  public let isInSync: Bool

  init(_ root: XMLElement, of action: String) throws {
    guard let info = root.child("ChangeInfo") else {
      throw NotTheService.answer(root.name, to: action)
    }
    let path = try info.required("Id", of: action)
    identifier = path.split(separator: "/").last.map(String.init) ?? path
    isInSync = try info.required("Status", of: action) == "INSYNC"
  }
}

/// `route53:ChangeResourceRecordSets` with one change. To set a record twice is to set it once.
public struct ChangeResourceRecordSets: RESTXMLRequest {
  public static let service = AWSService.route53
  public static let action = "ChangeResourceRecordSets"
  public static let effect = RequestEffect.changes

  /// What is done with the record.
  public enum Change: String, Sendable {
    /// Made, or replaced.
    case upsert = "UPSERT"
    /// Removed; it must be exactly as it is given.
    case delete = "DELETE"
  }

  private let zone: String
  private let change: Change
  private let record: ResourceRecordSet

  /// Creates the request.
  public init(zone: String, _ change: Change, _ record: ResourceRecordSet) {
    self.zone = zone.split(separator: "/").last.map(String.init) ?? zone
    self.change = change
    self.record = record
  }

  public var input: RESTInput {
    var input = RESTInput("POST", "/2013-04-01/hostedzone/{HostedZoneId}/rrset/")
    input.setPath("HostedZoneId", zone)
    let values = record.values.map {
      "<ResourceRecord><Value>\(Self.escaped($0))</Value></ResourceRecord>"
    }.joined()
    let set =
      "<Name>\(Self.escaped(record.name))</Name><Type>\(Self.escaped(record.type))</Type>"
      + "<TTL>\(record.ttl ?? 0)</TTL><ResourceRecords>\(values)</ResourceRecords>"
    let body =
      #"<ChangeResourceRecordSetsRequest xmlns="https://route53.amazonaws.com/doc/2013-04-01/">"#
      + "<ChangeBatch><Changes><Change><Action>\(change.rawValue)</Action>"
      + "<ResourceRecordSet>\(set)</ResourceRecordSet></Change></Changes></ChangeBatch>"
      + "</ChangeResourceRecordSetsRequest>"
    input.setPayload(Array(body.utf8), type: "application/xml", option: option)
    return input
  }

  public var resources: [AWSResource] { [.global("route53", "hostedzone/\(zone)")] }

  public static func answer(from answer: RESTAnswer) throws -> RecordChange {
    try RecordChange(answer.xml(), of: action)
  }

  /// The same change for the AWS CLI.
  private var option: CommandOption {
    CommandOption(
      "ChangeBatch",
      json: [
        "Changes": [
          [
            "Action": .string(change.rawValue),
            "ResourceRecordSet": [
              "Name": .string(record.name), "Type": .string(record.type),
              "TTL": .integer(Int64(record.ttl ?? 0)),
              "ResourceRecords": .array(record.values.map { ["Value": .string($0)] }),
            ],
          ]
        ]
      ])
  }

  private static func escaped(_ text: String) -> String {
    text.reduce(into: "") { result, character in
      switch character {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      default: result.append(character)
      }
    }
  }
}

/// `route53:GetChange`: how far a change has come.
public struct GetChange: RESTXMLRequest {
  public static let service = AWSService.route53
  public static let action = "GetChange"
  public static let effect = RequestEffect.reads

  private let change: String

  /// Creates the request.
  public init(change: String) { self.change = change }

  public var input: RESTInput {
    var input = RESTInput("GET", "/2013-04-01/change/{Id}")
    input.setPath("Id", change)
    return input
  }

  public var resources: [AWSResource] { [.global("route53", "change/\(change)")] }

  public static func answer(from answer: RESTAnswer) throws -> RecordChange {
    try RecordChange(answer.xml(), of: action)
  }
}
