/// Versions that the replica has and does not show, since something of its own stands on top of them: a person, or
/// a lifecycle rule of its own, has deleted or overwritten the object there.
extension Judge {
  /// What a hidden version is, by the listings alone: what is on top may have been made at the source since that was
  /// listed.
  func judge(hidden difference: Difference) -> JudgedDifference {
    guard let replica = difference.replica, isYoung(replica) else {
      return asSeen(hidden: difference)
    }
    return JudgedDifference(
      difference, .inFlight,
      "the replica's current version is younger than the listing of the source, or than the allowed lag"
    )
  }

  /// What it is once the source is known not to have what is on top.
  func asSeen(hidden difference: Difference) -> JudgedDifference {
    difference.replica?.isDeleteMarker == true
      ? JudgedDifference(
        difference, .missing,
        "a delete marker that the source does not have hides it at the replica")
      : JudgedDifference(
        difference, .different, "the replica's current version is one that the source does not have"
      )
  }
}

extension Examination {
  /// - Parameters:
  ///   - source: what the source says of the version on top.
  ///   - replica: what the replica says of it.
  func refine(
    hidden judged: JudgedDifference, source: ObjectHead, replica: ObjectHead
  ) -> Result {
    if source.exists {
      return .differs(
        JudgedDifference(judged.difference, .inFlight, "changed since it was listed"))
    }
    return replica.exists ? .differs(judge.asSeen(hidden: judged.difference)) : .same
  }
}
