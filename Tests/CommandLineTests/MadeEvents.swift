import Platform
import RunJournal
import StrictJSON
import Testing

extension JournalEvent {
  /// An event as a journal would hold it, but for the chain.
  static func made(
    _ type: EventType, _ step: String? = nil, _ body: JSONValue = [:], number: Int = 1,
    at moment: Timestamp
  ) throws -> JournalEvent {
    let json: JSONValue = [
      "run": "R", "sequence": .integer(Int64(number)), "type": .string(type.rawValue),
      "wall": .string(moment.description),
      "since_boot_us": .integer(moment.nanoseconds / 1_000), "fence": 1, "body": body,
      "previous": "", "hash": "", "step": step.map { .string($0) } ?? .null, "attempt": 1,
    ]
    return try #require(JournalEvent(json: json))
  }
}
