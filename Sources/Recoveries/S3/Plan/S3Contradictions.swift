import RecoveryPlan

/// What can be written in an `s3` component, and cannot work.
extension S3Component {
  func reportContradictions(in fields: FieldReader) {
    if source == replica {
      fields.report(
        "source and replica are the same bucket", in: "replica", fix: "Name the other bucket.")
    }
    if inventory != nil, compare != .full || includesVersions || !prefixes.isEmpty {
      fields.report(
        "inventories are compared whole, and without versions", in: "inventory",
        fix: "Remove inventory, or compare, versions and prefixes.")
    }
    if let rehydrate, rehydrate.target == replica {
      fields.report(
        "the bucket to be filled is the one it is filled from", in: "rehydrate",
        fix: "Name another target.")
    }
    if repair != .none { reportRepair(in: fields) }
  }

  private func reportRepair(in fields: FieldReader) {
    if repair == .batch, batchRole == nil {
      fields.report(
        "repair: batch has no role", in: "repair",
        fix:
          "Name the role of S3 Batch Operations with batchRole; the role of the replication is another."
      )
    }
    if compare != .full {
      fields.report(
        "repair needs a full comparison, which says what is missing", in: "repair",
        fix: "Write compare: full, or remove repair.")
    }
    if repair == .copy, includesVersions {
      fields.report(
        "a copy is a version of its own, so that copying never mends a comparison of versions",
        in: "repair", fix: "Write repair: batch, which replicates versions, or remove versions.")
    }
    if rehydrate != nil {
      fields.report(
        "a restore either fills another bucket or mends the replica", in: "repair",
        fix: "Remove repair or rehydrate.")
    }
  }
}
