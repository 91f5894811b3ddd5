import Foundation
import PositionedYAML
import Testing

@testable import Recoveries
@testable import RecoveryPlan

/// What fuzzing has found worth keeping, and what chance makes of it.
@Suite struct PlanCorpusTests {
  private static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent()

  private func corpus() throws -> [[UInt8]] {
    let folder = Self.root.appending(path: "Fuzz/corpus/plan")
    let files = try FileManager.default.contentsOfDirectory(
      at: folder, includingPropertiesForKeys: nil)
    return try files.sorted { $0.path < $1.path }.map { Array(try Data(contentsOf: $0)) }
  }

  private func expectAnAnswer(to bytes: [UInt8], _ comment: Comment? = nil) {
    let (plan, diagnostics) = PlanReader(kinds: ComponentKinds.all).read(bytes, file: "p")
    #expect((plan == nil) == !diagnostics.isEmpty, comment)
  }

  @Test func whatFuzzingFoundIsReadOrRefusedNeverMore() throws {
    let corpus = try corpus()
    #expect(corpus.count > 1)
    for bytes in corpus { expectAnAnswer(to: bytes) }
  }

  @Test func changedPlansAreReadOrRefusedNeverMore() throws {
    let corpus = try corpus()
    let seed = UInt64.random(in: 0...UInt64.max)
    var state = seed
    let next = { (bound: Int) -> Int in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % max(bound, 1)
    }
    for _ in 0..<300 {
      var changed = corpus[next(corpus.count)]
      guard !changed.isEmpty else { continue }
      for _ in 0...next(4) { changed[next(changed.count)] = UInt8(next(256)) }
      if next(4) == 0 { changed.removeLast(next(changed.count)) }
      expectAnAnswer(to: changed, "seed \(seed)")
    }
  }
}
