import PositionedYAML
import Recoveries
import RecoveryPlan
import StrictJSON
import Testing

/// How programs are told where a mistake stands.
@Suite struct DiagnosticReportTests {
  private func artifact(_ file: String) throws -> JSONValue {
    let (_, diagnostics) = PlanReader(kinds: ComponentKinds.all).read(Array("[]".utf8), file: file)
    let log = DiagnosticReport.sarif(diagnostics, version: "1")
    let result = try #require(log["runs"]?.arrayValue?.first?["results"]?.arrayValue?.first)
    let location = try #require(result["locations"]?.arrayValue?.first)
    return try #require(location["physicalLocation"]?["artifactLocation"])
  }

  @Test(arguments: [
    ("plans/core.yaml", "plans/core.yaml"), ("./plans/core.yaml", "plans/core.yaml"),
    ("my plans/50%#1?.yaml", "my%20plans/50%25%231%3F.yaml"),
    ("a:b.yaml", "a%3Ab.yaml"), ("überall.yaml", "%C3%BCberall.yaml"),
  ])
  func aRelativeFileIsNamedFromTheRootOfTheSources(file: String, uri: String) throws {
    #expect(try artifact(file) == ["uri": .string(uri), "uriBaseId": "%SRCROOT%"])
  }

  @Test func anAbsoluteFileHasAnAbsoluteURI() throws {
    #expect(try artifact("/srv/my plans/a.yaml") == ["uri": "file:///srv/my%20plans/a.yaml"])
  }
}
