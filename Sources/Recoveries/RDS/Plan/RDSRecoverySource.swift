import PositionedYAML
import RecoveryPlan
import StrictJSON

/// `rds.recoverFrom`: the way back.
enum RDSRecoverySource: Sendable, Equatable {
  /// Automated backups that the recovery region has, its own or replicated ones.
  case pointInTime
  /// Only automated backups that are replicated to the recovery region.
  case replicatedBackup
  case latestSnapshot(SnapshotCriteria)
  case snapshot(String)
  case snapshotCopy(SnapshotCopyOptions)
  /// A read replica in the recovery region, by name.
  case replica(String)
  /// The standby of a Multi-AZ instance, in the primary region.
  case failover
}

extension FieldType where Value == RDSRecoverySource {
  private static var words: [(word: String, source: RDSRecoverySource)] {
    [
      ("pointInTime", .pointInTime), ("replicatedBackup", .replicatedBackup),
      ("latestSnapshot", .latestSnapshot(.any)), ("failover", .failover),
    ]
  }

  /// What each mapping with a single key stands for.
  private static var options: [Option] {
    [
      Option("snapshot", .snapshotIdentifier) { .snapshot($0) },
      Option("latestSnapshot", .object(SnapshotCriteria.self)) { .latestSnapshot($0) },
      Option("snapshotCopy", .object(SnapshotCopyOptions.self)) { .snapshotCopy($0) },
      Option("replica", .rdsIdentifier) { .replica($0) },
    ]
  }

  private struct Option {
    let key: String
    let schema: JSONValue
    let read: (YAMLNode, DiagnosticSink) -> RDSRecoverySource?

    init<Inner>(
      _ key: String, _ type: FieldType<Inner>, _ make: @escaping (Inner) -> RDSRecoverySource
    ) {
      self.key = key
      schema = [
        "type": "object", "required": [.string(key)], "additionalProperties": false,
        "properties": .object([key: .object(type.schema())]),
      ]
      read = { node, sink in type.read(node, sink).map(make) }
    }
  }

  static var recoverySource: FieldType {
    let names: [JSONValue] = words.map { .string($0.word) }
    return FieldType(
      schema: ["anyOf": .array([["enum": .array(names)]] + options.map(\.schema))],
      sample: .pointInTime
    ) { node, sink in
      if let word = words.first(where: { $0.word == node.text }) { return word.source }
      if let entries = node.entries, entries.count == 1,
        let option = options.first(where: { $0.key == entries[0].key })
      {
        return option.read(entries[0].value, sink)
      }
      sink.report(
        "'\(node.text ?? "this")' is no source to recover from", at: node.position,
        fix: "Write \(words.map(\.word).joined(separator: ", ")), or a mapping with one of: "
          + options.map(\.key).joined(separator: ", ") + ".")
      return nil
    }
  }
}
