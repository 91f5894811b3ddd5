import AWSClient
import HTTPClient
import Platform
import RunJournal
import Testing

@testable import Recoveries

/// What a replica's lifecycle deletes that the source keeps.
@Suite struct LifecycleTests {
  private static let now = Timestamp(unixSeconds: 1_780_000_000)

  /// Rules as S3 answers them.
  private func rules(_ rules: String...) throws -> [LifecycleRule] {
    let rows = rules.enumerated().map { number, rule in
      "<Rule><ID>r\(number)</ID><Status>Enabled</Status>\(rule)</Rule>"
    }
    let text = "<LifecycleConfiguration>\(rows.joined())</LifecycleConfiguration>"
    return try GetBucketLifecycle.read(
      HTTPAnswer(status: 200, headers: [], body: Array(text.utf8)))
  }

  private func findings(
    _ source: [LifecycleRule], _ replica: [LifecycleRule], versions: Bool = false
  ) -> [String] {
    LifecycleComparison(source: source, replica: replica, now: Self.now, versionsMatter: versions)
      .findings(source: "media", replica: "media-dr").map { "\($0.severity): \($0.text)" }
  }

  private static let media = "<Filter><Prefix>media/</Prefix></Filter>"
  private func days(_ days: Int) -> String { "<Expiration><Days>\(days)</Days></Expiration>" }
  private func date(_ date: String) -> String { "<Expiration><Date>\(date)</Date></Expiration>" }

  @Test func aReplicaThatForgetsSoonerIsNamed() throws {
    let late = try rules(Self.media + days(3_650))
    let soon = try rules(Self.media + days(1))
    #expect(
      findings(late, soon) == [
        "warning: Lifecycle rule 'r0' of media-dr deletes 'media/' after 1 day; "
          + "media only after 3,650 days."
      ])
    #expect(findings(soon, late) == [])
    #expect(findings(soon, soon) == [])
    #expect(
      findings([], soon) == [
        "warning: Lifecycle rule 'r0' of media-dr deletes 'media/' after 1 day; media keeps it."
      ])
  }

  /// Whatever the source does: what is to be read in an emergency must not have to be restored first.
  @Test func aReplicaThatArchivesIsNamed() throws {
    let moves = { (days: Int, name: String) in
      "<Transition><Days>\(days)</Days><StorageClass>\(name)</StorageClass></Transition>"
    }
    let rule = try rules(
      Self.media + moves(30, "STANDARD_IA") + moves(90, "GLACIER_IR") + moves(180, "DEEP_ARCHIVE"))
    #expect(
      findings(rule, rule) == [
        "warning: Lifecycle rule 'r0' of media-dr moves 'media/' to DEEP_ARCHIVE after 180 days: "
          + "to be read it must be restored first, which takes 12 to 48 hours."
      ])
  }

  /// A rule of the source that takes more than the replica's is no reason to warn.
  @Test func aWiderRuleOfTheSourceDeletesItToo() throws {
    let all = try rules("<Filter><Prefix></Prefix></Filter>" + days(30))
    let media = try rules(Self.media + days(30))
    #expect(findings(all, media) == [])
    #expect(findings(media, all).count == 1)
    // The first version of rules.
    #expect(findings(try rules("<Prefix>med</Prefix>" + days(30)), media) == [])
    #expect(findings(try rules("<Prefix>other/</Prefix>" + days(30)), media).count == 1)
  }

  @Test func tagsAndSizesNarrowARule() throws {
    let filter = { (conditions: String) in "<Filter>\(conditions)</Filter>" + days(9) }
    let tag = "<Tag><Key>kind</Key><Value>tmp</Value></Tag>"
    let tagged = try rules(filter(tag))
    let large = try rules(filter("<ObjectSizeGreaterThan>1024</ObjectSizeGreaterThan>"))
    let small = try rules(filter("<ObjectSizeLessThan>2048</ObjectSizeLessThan>"))
    let both = try rules(
      filter(
        "<And><Prefix>media/</Prefix>\(tag)<ObjectSizeGreaterThan>4096</ObjectSizeGreaterThan></And>"
      ))
    let everything = try rules(filter("<Prefix></Prefix>"))
    for narrow in [tagged, large, small] {
      #expect(findings(narrow, everything).count == 1)
      #expect(findings(everything, narrow) == [])
    }
    #expect(findings(tagged, both) == [] && findings(large, both) == [])
    #expect(findings(small, both).count == 1 && findings(both, tagged).count == 1)
    #expect(
      findings([], both) == [
        "warning: Lifecycle rule 'r0' of media-dr deletes 'media/' tagged kind=tmp above 4,096 bytes "
          + "after 9 days; media keeps it."
      ])
  }

  @Test func daysOfTheCalendarCountOnceTheyHaveCome() throws {
    let past = try rules(Self.media + date("2026-01-01T00:00:00.000Z"))
    let future = try rules(Self.media + date("2036-01-01T00:00:00.000Z"))
    let soon = try rules(Self.media + days(1))
    #expect(findings(past, soon) == [] && findings(past, future) == [])
    #expect(findings(future, soon).count == 1 && findings(soon, future).count == 1)
    #expect(findings(soon, future)[0].contains("from 2036-01-01 on; media only after 1 day"))
  }

  @Test func olderVersionsWeighAsMuchAsThePlanSays() throws {
    let old = { (days: Int, kept: Int) in
      "<NoncurrentVersionExpiration><NoncurrentDays>\(days)</NoncurrentDays>"
        + (kept > 0 ? "<NewerNoncurrentVersions>\(kept)</NewerNoncurrentVersions>" : "")
        + "</NoncurrentVersionExpiration>"
    }
    let short = try rules(Self.media + old(7, 0))
    let long = try rules(Self.media + old(90, 0))
    let some = try rules(Self.media + old(7, 3))
    let told =
      "Lifecycle rule 'r0' of media-dr deletes older versions of 'media/' 7 days after newer ones; "
    #expect(findings(long, short) == ["note: \(told)media only 90 days after newer ones."])
    #expect(findings([], short, versions: true) == ["warning: \(told)media keeps them."])
    #expect(findings(short, long) == [] && findings(short, some) == [])
    #expect(findings(some, short).count == 1)
  }

  @Test func whatIsSwitchedOffDeletesNothing() throws {
    var off = try rules(Self.media + days(1))
    off[0].isEnabled = false
    let on = try rules(Self.media + days(1))
    #expect(findings([], off) == [] && findings(off, on).count == 1)
    #expect(
      findings(
        [],
        try rules(
          "<Filter></Filter><Expiration><ExpiredObjectDeleteMarker>true"
            + "</ExpiredObjectDeleteMarker></Expiration>")) == [])
  }
}
