import HTTPClient
import Testing

@testable import AWSClient

/// What an answer is held for.
@Suite struct ExchangeTests {
  private func error<Request: AWSRequest>(
    _ status: Int, _ body: String, of request: Request
  ) -> AWSError? {
    Exchange(HTTPAnswer(status: status, headers: [], body: Array(body.utf8)))
      .error(of: request, region: "us-west-2", attempts: 1)
  }

  private let refusal = """
    <ErrorResponse><Error><Code>DBInstanceNotFound</Code><Message>no</Message></Error></ErrorResponse>
    """

  @Test func aRefusalIsFinal() throws {
    let error = try #require(error(404, refusal, of: DescribeDBInstances(identifier: "a")))
    #expect(error.code == "DBInstanceNotFound")
    #expect(!error.isTransient)
    #expect(!error.mayHaveTakenEffect)
  }

  /// It may say that there is no such instance, or anything else: it has to be asked again.
  @Test(arguments: [200, 400, 404])
  func anAnswerThatIsCutShortSaysNothing(status: Int) throws {
    let half = String(refusal.prefix(refusal.count / 2))
    let read = try #require(error(status, half, of: DescribeDBInstances(identifier: "a")))
    #expect(read.isTransient)
    #expect(!read.mayHaveTakenEffect)
    #expect(read.code == nil)
    let change = try #require(error(status, half, of: DeleteDBInstance(identifier: "a")))
    #expect(change.mayHaveTakenEffect)
  }

  @Test func aGatewaysErrorPageIsAFailureOfTheService() throws {
    let page = "<html><body><h1>502 Bad Gateway</h1><hr></body></html>"
    let error = try #require(error(502, page, of: DeleteDBInstance(identifier: "a")))
    #expect(error.isTransient)
    #expect(error.mayHaveTakenEffect)
    #expect(error.reason.contains("502"))
  }
}
