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

  /// A filter by sizes, and by other conditions.
  private func sizes(above: Int64? = nil, below: Int64? = nil, _ more: String = "") -> String {
    let above = above.map { "<ObjectSizeGreaterThan>\($0)</ObjectSizeGreaterThan>" } ?? ""
    let below = below.map { "<ObjectSizeLessThan>\($0)</ObjectSizeLessThan>" } ?? ""
    return "<Filter><And>\(more)\(above)\(below)</And></Filter>"
  }

  private static let logs = "<Prefix>logs/</Prefix>"

  @Test func rulesOfTheSourceThatShareTheSizesDeleteItTogether() throws {
    let all = try rules("<Filter>\(Self.logs)</Filter>" + days(30))
    let notEmpty = try rules(sizes(above: 0, Self.logs) + days(30))
    let small = sizes(below: 1_025, Self.logs)
    let large = sizes(above: 1_024, Self.logs)
    #expect(findings(try rules(small + days(30), large + days(30)), all) == [])
    #expect(findings(try rules(large + days(30), small + days(7)), all) == [])
    #expect(findings(try rules(small + days(30), large + days(30)), notEmpty) == [])
    // In three parts that overlap, each wider than the replica's rule in its own way.
    let middle = sizes(above: 500, below: 5_000)
    let parts = try rules(
      sizes(above: 4_000, "<Prefix>lo</Prefix>") + days(30), middle + days(1),
      sizes(below: 600, Self.logs) + days(29))
    #expect(findings(parts, all) == [])
    // What the replica's rule does not take needs nobody.
    let narrow = try rules(sizes(above: 600, below: 4_500, Self.logs) + days(30))
    #expect(findings(Array(parts[...1]), narrow) == [])
  }

  /// Both bounds exclude their own number.
  @Test(arguments: [(1_024, 1_024), (1_023, 1_024), (512, 1_024)] as [(Int64, Int64)])
  func sizesThatNoRuleOfTheSourceTakesAreNamed(below: Int64, above: Int64) throws {
    let parts = try rules(
      sizes(below: below, Self.logs) + days(30), sizes(above: above, Self.logs) + days(30))
    for replica in ["<Filter>\(Self.logs)</Filter>", sizes(above: 0, Self.logs)] {
      #expect(findings(parts, try rules(replica + days(30))).count == 1)
    }
    // Where the gap is not the replica's.
    #expect(findings(parts, try rules(sizes(above: above, Self.logs) + days(30))) == [])
  }

  /// Every two filters by small sizes, held against each size.
  @Test func sharesOfSizesLeaveNothingOver() {
    let bounds: [Int64?] = [nil, 0, 1, 2, 3, 4]
    let filters = bounds.flatMap { above in
      bounds.map { below in
        var filter = LifecycleRule.Filter()
        (filter.largerThan, filter.smallerThan) = (above, below)
        return filter
      }
    }
    // Five is above all bounds, as is everything after it.
    let sizes = { (filter: LifecycleRule.Filter) in
      Set((0...5).filter { $0 > filter.largerThan ?? -1 && $0 < filter.smallerThan ?? .max })
    }
    for whole in filters where !sizes(whole).isEmpty {
      for one in filters {
        for other in filters {
          let isShared = sizes(whole).isSubset(of: sizes(one).union(sizes(other)))
          guard [one, other].takeAll(of: whole) != isShared else { continue }
          Issue.record("\(one) and \(other) of \(whole): \(isShared)")
        }
      }
    }
  }

  @Test func aPartThatDeletesLaterOrElseIsNoReasonForSilence() throws {
    let all = try rules("<Filter>\(Self.logs)</Filter>" + days(30))
    let small = sizes(below: 1_025, Self.logs) + days(30)
    let told = "warning: Lifecycle rule 'r0' of media-dr deletes 'logs/' after 30 days; media "
    #expect(
      findings(try rules(small, sizes(above: 1_024, Self.logs) + days(365)), all)
        == [told + "only after 365 days."])
    let others = [
      sizes(above: 1_024, Self.logs),
      sizes(above: 1_024, "<Prefix>logs/a</Prefix>") + days(30),
      sizes(above: 1_024, Self.logs + "<Tag><Key>kind</Key><Value>tmp</Value></Tag>") + days(30),
      sizes(above: 1_024, below: 9_223_372_036_854_775_806, Self.logs) + days(30),
      sizes(above: .max, Self.logs) + days(30),
    ]
    for other in others {
      #expect(findings(try rules(small, other), all) == [told + "keeps it."], "\(other)")
    }
    var off = try rules(small, sizes(above: 1_024, Self.logs) + days(30))
    off[1].isEnabled = false
    #expect(findings(off, all) == [told + "keeps it."])
    // A rule for all of it says more than one for a part.
    #expect(
      findings(
        try rules(sizes(below: 9, Self.logs) + days(400), "<Filter></Filter>" + days(60)), all)
        == [told + "only after 60 days."])
  }

  /// What one rule of the replica does, several of the source may do, each its part.
  @Test func eachActionIsCoveredByItself() throws {
    let old = { (days: Int) in
      "<NoncurrentVersionExpiration><NoncurrentDays>\(days)</NoncurrentDays>"
        + "</NoncurrentVersionExpiration>"
    }
    let filter = "<Filter>\(Self.logs)</Filter>"
    let both = try rules(filter + days(30) + old(7))
    #expect(findings(try rules(filter + old(7), filter + days(30)), both, versions: true) == [])
    let parts = try rules(
      filter + days(30), sizes(below: 1_025, Self.logs) + old(7),
      sizes(above: 1_024, Self.logs) + old(5))
    #expect(findings(parts, both, versions: true) == [])
    // Parts of one action do not make up for another.
    let mixed = try rules(
      filter + days(30), sizes(below: 1_025, Self.logs) + old(7),
      sizes(above: 1_024, Self.logs) + days(5))
    #expect(
      findings(mixed, both, versions: true) == [
        "warning: Lifecycle rule 'r0' of media-dr deletes older versions of 'logs/' 7 days after "
          + "newer ones; media keeps them."
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
