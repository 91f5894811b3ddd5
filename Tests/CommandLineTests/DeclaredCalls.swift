import Foundation
import Testing

/// Holds the calls that a run made against what its steps declare.
extension Tool {
  /// The calls that steps of the newest run made and do not declare.
  ///
  /// - Parameter expected: how many steps make calls, at least.
  func undeclared(_ plan: String..., expected: Int = 6) throws -> [String] {
    let newest = try #require(try runs().first)
    let (declared, made) = (try declared(plan), try recorded(newest))
    #expect(made.count >= expected)
    return made.sorted { $0.key < $1.key }.flatMap { step, calls in
      calls.subtracting(declared[step] ?? []).sorted().map { "\(step): \($0)" }
    }
  }

  /// The calls that each step declares.
  private func declared(_ words: [String]) throws -> [String: Set<String>] {
    struct Plan: Decodable {
      let steps: [Step]
      struct Step: Decodable {
        let id: String
        let calls: [Planned]
      }
      struct Planned: Decodable { let name: String }
    }
    let (process, output, _) = try start(["plan", "--format", "json"] + words)
    process.waitUntilExit()
    let plan = try JSONDecoder().decode(Plan.self, from: try Data(contentsOf: output))
    return Dictionary(
      uniqueKeysWithValues: plan.steps.map { ($0.id, Set($0.calls.map(\.name))) })
  }

  /// The calls that each step of a run made, by its own record.
  private func recorded(_ identifier: String) throws -> [String: Set<String>] {
    let text = try run("report", identifier, "--format", "json").output
    let report = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
    var found: [String: Set<String>] = [:]
    for event in report?["events"] as? [[String: Any]] ?? [] {
      guard let step = event["step"] as? String, let body = event["body"] as? [String: Any],
        let calls = (body["evidence"] as? [String: Any])?["calls"] as? [[String: Any]]
      else { continue }
      found[step, default: []].formUnion(calls.compactMap { $0["call"] as? String })
    }
    return found
  }
}
