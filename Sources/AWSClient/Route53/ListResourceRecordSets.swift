import Platform

/// A set of DNS records of one name and type (API Reference, "ResourceRecordSet").
public struct ResourceRecordSet: Sendable, Equatable {
  /// The name, fully qualified: `core-db.mosaic.internal.`
  public let name: String
  /// `A`, `CNAME` ….
  public let type: String
  /// For how many seconds a resolver keeps it; nil for an alias.
  public let ttl: Int?
  /// The values.
  public let values: [String]
  /// What tells sets of the same name and type apart; nil for simple routing.
  public let setIdentifier: String?

  /// Creates a set.
  public init(
    name: String, type: String, ttl: Int?, values: [String], setIdentifier: String? = nil
  ) {
    self.name = name
    self.type = type
    self.ttl = ttl
    self.values = values
    self.setIdentifier = setIdentifier
  }

  init(_ element: XMLElement, of action: String) throws {
    name = try element.required("Name", of: action)
    type = try element.required("Type", of: action)
    ttl = element.integer("TTL")
    values = element.list("ResourceRecords").compactMap { $0.string("Value") }
    setIdentifier = element.string("SetIdentifier")
  }
}

/// `route53:ListResourceRecordSets`: the sets of a zone from a name and type on.
public struct ListResourceRecordSets: RESTXMLRequest {
  public static let service = AWSService.route53
  public static let action = "ListResourceRecordSets"
  public static let effect = RequestEffect.reads

  private let zone: String
  private let name: String
  private let type: String?
  private let limit: Int

  /// Creates the request.
  ///
  /// - Parameter zone: the identifier, with or without `/hostedzone/` before it.
  public init(zone: String, startingAt name: String, type: String? = nil, limit: Int = 100) {
    self.zone = zone.split(separator: "/").last.map(String.init) ?? zone
    self.name = name
    self.type = type
    self.limit = limit
  }

  public var input: RESTInput {
    var input = RESTInput("GET", "/2013-04-01/hostedzone/{HostedZoneId}/rrset")
    input.setPath("HostedZoneId", zone)
    input.setQuery("StartRecordName", name, wire: "name")
    input.setQuery("StartRecordType", type, wire: "type")
    input.setQuery("MaxItems", String(limit), wire: "maxitems")
    return input
  }

  public var resources: [AWSResource] { [.global("route53", "hostedzone/\(zone)")] }

  public static func answer(from answer: RESTAnswer) throws -> [ResourceRecordSet] {
    try answer.xml().list("ResourceRecordSets").map { try ResourceRecordSet($0, of: action) }
  }
}
