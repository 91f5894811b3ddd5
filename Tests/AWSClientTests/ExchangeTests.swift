import HTTPClient
import Testing

@testable import AWSClient

/// What an answer is held for.
@Suite struct ExchangeTests {
  private func failure<Request: AWSRequest>(
    _ status: Int, _ body: String, of request: Request
  ) -> AWSError? {
    Exchange(
      HTTPAnswer(status: status, headers: [], body: Array(body.utf8)),
      to: Call(request: request, region: "us-west-2", attempt: 1)
    ).error
  }

  private let refusal = """
    <ErrorResponse><Error><Code>DBInstanceNotFound</Code><Message>no</Message></Error></ErrorResponse>
    """

  @Test func aRefusalIsFinal() throws {
    let error = try #require(failure(404, refusal, of: DescribeDBInstances(identifier: "a")))
    #expect(error.code == "DBInstanceNotFound")
    #expect(!error.isTransient)
    #expect(!error.mayHaveTakenEffect)
  }

  /// It may say that there is no such instance, or anything else: it has to be asked again.
  @Test(arguments: [200, 400, 404])
  func anAnswerThatIsCutShortSaysNothing(status: Int) throws {
    let half = String(refusal.prefix(refusal.count / 2))
    let read = try #require(failure(status, half, of: DescribeDBInstances(identifier: "a")))
    #expect(read.isTransient)
    #expect(!read.mayHaveTakenEffect)
    #expect(read.code == nil)
    let change = try #require(failure(status, half, of: DeleteDBInstance(identifier: "a")))
    #expect(change.mayHaveTakenEffect)
  }

  /// A login page of a network, say, that is in the way.
  @Test func anAnswerOfSomethingElseSaysNothingEither() {
    let page = "<html><body/></html>"
    let error = failure(200, page, of: DeleteDBInstance(identifier: "a"))
    #expect(error?.isTransient == true)
    #expect(error?.mayHaveTakenEffect == true)
  }

  @Test func aGatewaysErrorPageIsAFailureOfTheService() throws {
    let page = "<html><body><h1>502 Bad Gateway</h1><hr></body></html>"
    let error = try #require(failure(502, page, of: DeleteDBInstance(identifier: "a")))
    #expect(error.isTransient)
    #expect(error.mayHaveTakenEffect)
    #expect(error.reason.contains("502"))
  }

  /// S3 has begun with yes before it knew.
  @Test func aFailureBehindAYesMayPass() throws {
    let body = "<Error><Code>InternalError</Code><Message>We encountered an error</Message></Error>"
    let copy = CopyObject(CopySource(S3ObjectName(bucket: "a", key: "k")), to: "b", key: "k")
    let failed = try #require(failure(200, body, of: copy))
    #expect(failed.isTransient)
    #expect(failed.code == "InternalError")
    let denied = body.replacing("InternalError", with: "AccessDenied")
    #expect(failure(200, denied, of: copy)?.isTransient == false)
  }
}
