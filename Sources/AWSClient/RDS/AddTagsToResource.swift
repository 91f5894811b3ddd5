/// `rds:AddTagsToResource`: sets tags; to do it twice is to do it once.
public struct AddTagsToResource: QueryRequest {
  public static let service = AWSService.rds
  public static let action = "AddTagsToResource"
  public static let effect = RequestEffect.changes

  private let arn: String
  private let tags: [String: String]

  /// Creates the request.
  public init(arn: String, tags: [String: String]) {
    self.arn = arn
    self.tags = tags
  }

  public var parameters: QueryParameters {
    var parameters = QueryParameters()
    parameters.set("ResourceName", arn)
    parameters.setTags(tags)
    return parameters
  }

  /// The call answers with nothing.
  public static func answer(from result: XMLElement) throws {}
}
