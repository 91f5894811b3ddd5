import NameResolution
import Platform
import RunEngine

/// Resolves a record as a user would, past this machine's caches.
struct RecordCheck: Sendable {
  let record: String
  let type: String
  let resolver: String?

  /// Nil when the record leads to one of these values, or to nothing when there are none; else what it
  /// leads to.
  func difference(from wanted: [String], _ context: StepContext) async throws -> String? {
    let found = try await NameResolver(address: resolver, random: context.random)
      .records(of: record, type == "A" ? .address : .alias)
    let values = found.filter { $0.type == (type == "A" ? .address : .alias) }.map(\.value)
    let isThere =
      wanted.isEmpty
      ? values.isEmpty
      : wanted.contains { values.contains($0.lowercased().trimmingDot) }
    if isThere { return nil }
    return values.isEmpty ? "nothing" : values.joined(separator: ", ")
  }
}

extension DNSCutOver {
  var check: RecordCheck { RecordCheck(record: record, type: type, resolver: resolver) }

  /// What the record is to hold, once it is known where the instance is reached.
  func target(_ instance: InstanceRecord) throws -> String {
    let value = value ?? instance.address
    let isAddress =
      value.split(separator: ".").count == 4 && value.allSatisfy { $0.isNumber || $0 == "." }
    guard isAddress == (type == "A") else {
      throw Problem(
        "the record cannot hold this", on: "\(record) (\(type))",
        because: "'\(value)' is \(isAddress ? "an address" : "a name")",
        fix: "Write 'type: \(isAddress ? "A" : "CNAME")' in the plan's cutover.")
    }
    return value
  }
}

extension String {
  /// A fully qualified name as resolvers give it.
  fileprivate var trimmingDot: String { hasSuffix(".") ? String(dropLast()) : self }
}
