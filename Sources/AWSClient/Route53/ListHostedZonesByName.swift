/// A zone of Route 53 (API Reference, "HostedZone").
public struct HostedZone: Sendable, Equatable {
  /// The identifier, as `Z1D633PJN98FT9`.
  public let identifier: String
  /// The name, with a dot at its end.
  public let name: String
}

/// `route53:ListHostedZonesByName`: zones from a name on, in the order of their names.
public struct ListHostedZonesByName: RESTXMLRequest {
  public static let service = AWSService.route53
  public static let action = "ListHostedZonesByName"
  public static let effect = RequestEffect.reads

  private let name: String

  /// Creates the request.
  public init(startingAt name: String) { self.name = name }

  public var input: RESTInput {
    var input = RESTInput("GET", "/2013-04-01/hostedzonesbyname")
    input.setQuery("DNSName", name, wire: "dnsname")
    return input
  }

  public static func answer(from answer: RESTAnswer) throws -> [HostedZone] {
    try answer.xml().list("HostedZones").map { element in
      let path = try element.required("Id", of: action)
      return HostedZone(
        identifier: path.split(separator: "/").last.map(String.init) ?? path,
        name: try element.required("Name", of: action))
    }
  }
}
