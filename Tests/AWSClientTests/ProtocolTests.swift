import HTTPClient
import Platform
import StrictJSON
import Testing

@testable import AWSClient

/// Each wire protocol: how a request is written, how its answer and its refusals are read.
@Suite struct ProtocolTests {
  private func exchange<Request: AWSRequest>(
    _ request: Request, _ status: Int, _ body: String, _ headers: [HTTPHeader] = []
  ) -> Exchange<Request.Answer> {
    Exchange(
      HTTPAnswer(status: status, headers: headers, body: Array(body.utf8)),
      to: Call(request: request, region: "us-west-2", attempt: 1))
  }

  @Test func jsonCallsNameTheirActionInAHeader() throws {
    let message = try DescribeKey(key: "alias/dr").message()
    #expect(message.method == "POST")
    #expect(message.path == "/")
    #expect(message.headers.value(of: "X-Amz-Target") == "TrentService.DescribeKey")
    #expect(message.headers.value(of: "Content-Type") == "application/x-amz-json-1.1")
    #expect(String(decoding: message.body, as: UTF8.self) == #"{"KeyId":"alias/dr"}"#)
    let key = try exchange(
      DescribeKey(key: "k"), 200,
      #"{"KeyMetadata":{"KeyId":"k","Arn":"arn:aws:kms:::k","KeyState":"Enabled","CreationDate":1.7E9}}"#
    ).result.get()
    #expect(key.state == "Enabled")
  }

  @Test(arguments: [
    (#"{"__type":"com.amazonaws.kms#NotFoundException","message":"no"}"#, nil as String?),
    (#"{"__type":"NotFoundException","Message":"no"}"#, nil),
    (#"{"message":"no"}"#, "NotFoundException:http://internal.amazon.com/coral/"),
    (#"{"code":"NotFoundException","message":"no"}"#, nil),
  ])
  func jsonRefusalsAreReadWhereverTheCodeStands(body: String, field: String?) throws {
    let headers =
      [HTTPHeader("x-amzn-RequestId", "r-1")]
      + (field.map { [HTTPHeader("x-amzn-ErrorType", $0)] } ?? [])
    let error = try #require(exchange(DescribeKey(key: "k"), 400, body, headers).error)
    #expect(error.code == "NotFoundException")
    #expect(error.reason == "NotFoundException: no")
    #expect(error.requestID == "r-1")
    #expect(!error.isTransient)
  }

  @Test func restCallsCarryTheirInputInThePathAndTheQuery() throws {
    let message = try ListResourceRecordSets(
      zone: "/hostedzone/Z1", startingAt: "core db.internal", type: "A"
    ).message()
    #expect(
      message.target
        == "/2013-04-01/hostedzone/Z1/rrset?name=core%20db.internal&type=A&maxitems=100")
    #expect(try DescribeCluster(name: "a/b").message().target == "/clusters/a%2Fb")
  }

  @Test func xmlRefusalsOfEveryShapeAreRead() throws {
    let bare = "<Error><Code>NoSuchKey</Code><Message>m</Message><RequestId>1</RequestId></Error>"
    let wrapped =
      "<ErrorResponse><Error><Code>NoSuchKey</Code></Error><RequestId>1</RequestId></ErrorResponse>"
    let ec2 =
      "<Response><Errors><Error><Code>NoSuchKey</Code></Error></Errors><RequestID>1</RequestID>"
      + "</Response>"
    let request = ListResourceRecordSets(zone: "Z", startingAt: "a")
    for body in [bare, wrapped, ec2] {
      let error = try #require(exchange(request, 404, body).error)
      #expect(error.code == "NoSuchKey")
      #expect(error.requestID == "1")
    }
  }

  @Test func aBodilessRefusalIsReadFromItsStatusAndS3sTwoIdentifiersAreKept() throws {
    let headers = [HTTPHeader("x-amz-request-id", "R"), HTTPHeader("x-amz-id-2", "H")]
    let error = try #require(
      exchange(ListResourceRecordSets(zone: "Z", startingAt: "a"), 404, "", headers).error)
    #expect(error.code == "NotFound")
    #expect(error.subject == "region us-west-2, request R, host H")
  }

  @Test func aRefusalUnderStatus200IsARefusal() throws {
    let body = "<Error><Code>InternalError</Code><Message>m</Message></Error>"
    let error = try #require(
      exchange(ListResourceRecordSets(zone: "Z", startingAt: "a"), 200, body).error)
    #expect(error.code == "InternalError")
  }

  @Test func aServiceIsLeftAloneForAsLongAsItAsks() throws {
    let body = #"{"__type":"ThrottlingException"}"#
    let error = try #require(
      exchange(DescribeKey(key: "k"), 400, body, [HTTPHeader("x-amz-retry-after", "1500")]).error)
    #expect(error.retryAfter == .milliseconds(1_500))
    let long = try #require(
      exchange(DescribeKey(key: "k"), 503, "", [HTTPHeader("Retry-After", "86400")]).error)
    #expect(long.retryAfter == .seconds(60))
  }

  @Test func requestsWithATokenAreSentAgainAtWill() throws {
    struct Start: RESTJSONRequest {
      static let service = AWSService.backup
      static let action = "StartRestoreJob"
      static let effect = RequestEffect.creates
      let idempotencyToken: String?
      var input: RESTInput { RESTInput("PUT", "/restore-jobs") }
      static func answer(from result: JSONValue) throws -> Bool { true }
    }
    let lost = TransportError(
      kind: .connectionLost, mayHaveArrived: true, origin: "o", detail: "d")
    for (token, isAmbiguous) in [("t" as String?, false), (nil, true)] {
      let call = Call(request: Start(idempotencyToken: token), region: "r", attempt: 1)
      #expect(Exchange(lost, to: call).error?.mayHaveTakenEffect == isAmbiguous)
    }
  }

  @Test func commandLinesShowNoSecret() {
    struct Put: JSONRequest {
      static let service = AWSService.secretsManager
      static let action = "PutSecretValue"
      static let effect = RequestEffect.changes
      static let secretMembers: Set<String> = ["SecretString"]
      var input: JSONObject { ["SecretId": "s", "SecretString": "hidden", "Stages": ["A", "B"]] }
      static func answer(from result: JSONValue) throws -> Bool { true }
    }
    #expect(
      Put().commandLine(region: "us-west-2").joined(separator: " ")
        == "aws secretsmanager put-secret-value --region us-west-2 --secret-id s "
        + "--secret-string file:///dev/stdin --stages A B")
  }

  @Test func xmlDocumentsAreEscaped() {
    let element = XMLElement(name: "A", children: [XMLElement(name: "B", text: "<&\">")])
    #expect(
      String(decoding: element.document(namespace: "n"), as: UTF8.self)
        == "<?xml version=\"1.0\" encoding=\"UTF-8\"?><A xmlns=\"n\"><B>&lt;&amp;&quot;&gt;</B></A>"
    )
  }
}
