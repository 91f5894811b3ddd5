import Foundation
import RunJournal
import StrictJSON
import Testing

@testable import RunEngine

/// Events as fuzzing has bent them, and as chance does: read or refused, folded without harm, and
/// what the chain accepts is what was written.
@Suite struct EventCorpusTests {
  private static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent()

  private func corpus() throws -> [[UInt8]] {
    let folder = Self.root.appending(path: "Fuzz/corpus/journal")
    let files = try FileManager.default.contentsOfDirectory(
      at: folder, includingPropertiesForKeys: nil)
    return try files.sorted { $0.path < $1.path }.map { Array(try Data(contentsOf: $0)) }
  }

  private func events(_ bytes: [UInt8]) -> [JournalEvent] {
    guard let value = try? JSONValue(parsing: bytes) else { return [] }
    return (value.arrayValue ?? [value]).compactMap { JournalEvent(json: $0) }
  }

  @Test func whatFuzzingFoundIsFoldedWithoutHarm() throws {
    let corpus = try corpus()
    #expect(corpus.count > 1)
    for bytes in corpus {
      let events = events(bytes)
      let state = RunState(events)
      #expect(state.eventCount == Int64(events.count))
      if (try? EventChain.verify(events)) != nil {
        for event in events { #expect(JournalEvent(json: event.json) == event) }
      }
    }
  }

  @Test func aChainWithAChangedCharacterIsReadAsItWasOrRefused() throws {
    let file = Self.root.appending(path: "Fuzz/corpus/journal/chain.json")
    let original = Array(try Data(contentsOf: file))
    let whole = events(original)
    #expect(try EventChain.verify(whole) == whole.last?.hash)
    let seed = UInt64.random(in: 0...UInt64.max)
    var state = seed
    let next = { (bound: Int) -> Int in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
    for _ in 0..<1_000 {
      var changed = original
      changed[next(changed.count)] = UInt8(next(256))
      let read = events(changed)
      let isWhole = read.count == whole.count && (try? EventChain.verify(read)) != nil
      #expect(!isWhole || read == whole, "seed \(seed)")
    }
  }
}
