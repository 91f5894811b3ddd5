import AWSClient
import HTTPClient
import Platform
import StrictJSON
import Testing

@testable import Recoveries

/// How far a copy has come, and what became of each object.
@Suite struct CopyLedgerTests {
  private let refused = RefusedObject(
    "b", UncopiedObject(reason: "it is gone", remedy: "Find it."))

  @Test func whatWasRefusedIsLookedAtOnceMore() throws {
    var state = CopyState()
    state.add(.copied(5))
    state.add(.refused(try #require(refused)))
    state.add(.kept)
    state.add(.copied(7))
    #expect(state.lines == 4 && state.objects == 2 && state.bytes == 12 && state.kept == 1)
    #expect(state.refused.count == 1 && state.refused.inARow == 0)
    let again = state.again
    #expect(again.lines == 1)
    #expect(again.refused.count == 0 && again.kept == 0 && again.firstRefused == nil)
    #expect(again.objects == 2)
  }

  /// A million objects that are all refused make no report of a million lines.
  @Test func thoseThatAreNamedAreBounded() throws {
    var all = RefusedObjects()
    for _ in 0..<5_000 { all.add(try #require(refused)) }
    #expect(all.first.count == RefusedObjects.maximumNamed)
    let problem = all.problem("could not be copied", on: "b", next: "Then retry.")
    #expect(problem.summary.hasPrefix("5,000 objects"))
    #expect(problem.reason.contains("'b': it is gone"))
    #expect(problem.reason.contains("and 4,995 more"))
    #expect(problem.remedy == "Find it. Then retry.")
    #expect(problem.reason.utf8.count < 1_000)
  }

  private func refusal(_ status: Int, _ code: String) throws -> AWSError {
    let body = "<Error><Code>\(code)</Code><Message>no</Message></Error>"
    return try #require(
      AWSClient.error(
        of: HTTPAnswer(status: status, headers: [], body: Array(body.utf8)),
        to: CopyObject(CopySource(S3ObjectName(bucket: "a", key: "k")), to: "b", key: "k"),
        in: "us-west-2"))
  }

  @Test func onlyWhatIsAboutOneObjectIsNoEndToTheOthers() throws {
    for (status, code) in [
      (403, "InvalidObjectState"), (403, "AccessDenied"), (400, "KMS.DisabledException"),
      (400, "BadRequest"), (200, "AccessDenied"),
    ] {
      let found = RefusedObject("k", try refusal(status, code))
      #expect(found?.code == code)
      #expect(found?.remedy.isEmpty == false)
    }
    for (status, code) in [
      (404, "NoSuchBucket"), (403, "InvalidAccessKeyId"), (503, "SlowDown"), (500, "InternalError"),
      (400, "ExpiredToken"),
    ] {
      #expect(RefusedObject("k", try refusal(status, code)) == nil)
    }
    let archived = RefusedObject("k", try refusal(403, "InvalidObjectState"))
    #expect(archived?.remedy.contains("restore-object") == true)
  }

  @Test func theStateOfAnOlderVersionIsUnderstood() throws {
    let state = try JSONValue(parsing: Array(#"{"lines":3,"objects":2,"bytes":9}"#.utf8))
      .decode(CopyState.self)
    #expect(state.lines == 3 && state.objects == 2 && state.bytes == 9 && state.uploads.isEmpty)
  }
}
