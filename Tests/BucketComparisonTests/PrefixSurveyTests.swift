import AWSClient
import Testing

@testable import BucketComparison

/// What of a bucket no rule replicates.
@Suite struct PrefixSurveyTests {
  private func survey(
    _ keys: [String], _ rules: [(prefix: String, tags: [String: String])], pageSize: Int = 2
  ) async throws -> (PrefixSurvey.Result, pages: Int) {
    let bucket = StoredBucket(
      "source", keys.map { ObjectRecord(key: Array($0.utf8), etag: "e", size: 1, modified: nil) },
      pageSize: pageSize)
    let all = rules.map { prefix, tags in
      var rule = ReplicationRule()
      (rule.prefix, rule.tags, rule.destination) = (prefix, tags, "replica")
      return rule
    }
    let survey = PrefixSurvey(of: bucket, rules: ReplicationRules(all, to: "replica"))
    return (try await survey.run(), bucket.pages)
  }

  @Test func foldersThatNoRuleCoversAreNamed() async throws {
    let keys = ["a/1", "b/1", "c/x/1", "c/y/1", "c/y/z/1", "d/1", "loose", "loose too"]
    let (found, _) = try await survey(keys, [("a/", [:]), ("c/x/", [:]), ("d", [:])])
    #expect(found == .init(uncovered: ["b/", "c/y/", "loose"]))
  }

  /// A rule may begin within a name, and take a part of a folder's keys.
  @Test func aRuleForPartOfAFolderLeavesTheRest() async throws {
    let (found, _) = try await survey(["m/01", "m/02", "m/11"], [("m/0", [:])])
    #expect(found == .init(uncovered: ["m/11"]))
    #expect(try await survey(["m/01", "m/02"], [("m/0", [:])]).0 == .init())
  }

  @Test func whatIsReplicatedByItsTagsIsToldApart() async throws {
    let (found, _) = try await survey(["a/1", "b/1"], [("a/", ["k": "v"])])
    #expect(found == .init(uncovered: ["b/"], tagged: ["a/"]))
  }

  /// What is wholly covered, or not at all, is not looked into, and there is an end to it.
  @Test func itLooksAtNoMoreThanItNeeds() async throws {
    let keys = (0..<1_000).map { "a/\($0)" } + (0..<1_000).map { "b/\($0)" }
    let (found, pages) = try await survey(keys, [("a/", [:])], pageSize: 10)
    #expect(found == .init(uncovered: ["b/"]))
    #expect(pages == 1)
    let many = (0..<2_000).map { "f\($0)/1" }
    let (part, most) = try await survey(many, [("z/", [:])], pageSize: 10)
    #expect(part.isPartial && part.uncovered.count == 1_000 && most == 100)
  }
}
