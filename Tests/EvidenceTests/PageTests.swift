import Foundation
import Platform
import StrictJSON
import Testing

@testable import Evidence

/// Pages as a browser shows them, and text that means harm.
@Suite struct PageTests {
  private let fixture: Fixture
  private static let hostile =
    "<script>document.title='x'</script>\u{1B}[2J=cmd|' /C x'!A0 |\u{202E}"

  init() throws { fixture = try Fixture() }

  @Test func aPageIsMadeOfTheRecordAloneAndAllowsNothing() async throws {
    let report = try await fixture.report()
    let page = HTMLReport.page(report)
    #expect(page == HTMLReport.page(try RunReport(json: try report.json())))
    #expect(page.contains("default-src 'none'; style-src 'sha256-"))
    #expect(
      !page.contains("<script") && !page.contains("style=\"")
        && !page.contains("http-equiv=\"refresh"))
    #expect(!page.contains("src=\"") && !page.contains("href=\"http"))
  }

  @Test func hostileTextIsTextInEveryForm() async throws {
    let report = try await fixture.report(.init(end: .failed, word: Self.hostile))
    let forms = [
      HTMLReport.page(report), MarkdownReport.text(report), CSVReport.text(report),
      JUnitReport.text(report), try OSCALReport.text(report),
    ]
    for form in forms {
      #expect(!form.contains("\u{1B}") && !form.contains("\u{202E}"))
    }
    #expect(!forms[0].contains("<script>") && !forms[1].contains("<script>"))
    #expect(!forms[3].contains("<script>"))
    #expect(OutputText.csv("=1+1") == "'=1+1")
    #expect(OutputText.csv("-5") == "-5")
    #expect(OutputText.csv("a\"b,c") == "\"a\"\"b,c\"")
  }

  /// Ten thousand steps are folded, not drawn as ten thousand bars; none of them is missing.
  @Test func aLongRunIsFolded() async throws {
    let report = try await fixture.report(.init(steps: 3_000))
    let page = HTMLReport.page(report)
    #expect(page.contains("<summary>Steps in the plan&#39;s order, executed or not: 3003 rows"))
    #expect(page.contains("the 40 longest of 3003 steps"))
    #expect(page.contains(">extra.2999</th>"))
    #expect(page.components(separatedBy: "class=\"work\"").count < 80)
    let rows = (0..<10_002).map { [HTMLPage.Cell("row \($0)")] }
    #expect(HTMLPage.table(caption: "c", ["h"], rows).contains("2 further rows are in the record"))
    #expect(HTMLPage.list((0..<102).map { "\($0)" }).hasSuffix("<li>and 2 more</li></ul>"))
  }

  @Test(.enabled(if: FileManager.default.fileExists(atPath: "/usr/bin/chromium"), "no Chromium"))
  func aBrowserShowsItWithoutComplaintAtTheWidthOfAPhone() async throws {
    let shape = Fixture.Shape(
      end: .failed, word: Self.hostile + String(repeating: "wide", count: 60))
    let report = try await fixture.report(shape)
    let other = try await fixture.report(.init(run: "01M864XNF4FHYZTFFZD68B54C0"))
    let rows = [report, other].map { Portal.Row(link: "a.html", report: $0) }
    let long = try await fixture.report(.init(run: "01M864XNF4FHYZTFFZD68B54C1", steps: 250))
    let pages = [
      HTMLReport.page(report), HTMLReport.page(other), HTMLReport.page(long),
      Portal.page(rows, overdue: ["plan p is overdue"], broken: []),
    ]
    let script = Fixture.tests.appending(path: "Tools/look.py").path
    for (index, page) in pages.enumerated() {
      let file = fixture.folder.appending(path: "\(index).html")
      try page.write(to: file, atomically: true, encoding: .utf8)
      let looked = try Fixture.run([
        "python3", script, file.path, fixture.folder.path,
      ])
      #expect(looked.status == 0, "\(looked.text)")
    }
  }
}
