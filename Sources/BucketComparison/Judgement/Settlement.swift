import AWSClient
import Platform
import Synchronization

/// Judges differences, and looks up the ones that a listing leaves in doubt.
final class Settlement: Sendable {
  /// How many differences are looked up one by one in a whole comparison; the rest is judged by the
  /// listings alone and counted.
  static let maximumExamined = 2_000
  /// How many before a copy, which costs several calls an object itself.
  static let maximumExaminedForCopy = 1_000_000
  /// How many that are young enough to be in flight are asked whether S3 has given up on them.
  static let maximumYoung = 500
  /// How many that are archived at the source are asked whether they had been replicated before.
  static let maximumArchived = 2_000
  /// How many of those of a page are looked up beyond that, to learn how old a rule is.
  static let maximumAgesAtOnce = 4
  /// How many are looked up at the same time.
  static let width = 16
  /// How many that were never to be replicated have a line in the list; the rest is counted by reasons.
  static let maximumNeverEligible = 1_000
  /// How many objects that are the same are asked whether the source shows statuses at all.
  static let maximumSamples = 5

  /// What looks are counted against.
  private enum Budget {
    case doubts, young, archived, ages
  }

  private struct State {
    var left: [Budget: Int]
    var samples = Settlement.maximumSamples
    /// How many more that were never to be replicated may have a line.
    var neverEligibleLines = Settlement.maximumNeverEligible
    var showsStatus = false
    /// Whether something was archived at the source after it was replicated.
    var archivesReplicated = false
    /// How old the rules are, by their identifiers.
    var ages: [String: ReplicationAge] = [:]
    var sample: [UInt8]?
  }

  /// What has been settled of some rows.
  private struct Account {
    var tally: ComparisonTally
    var lines: [String] = []
    /// Whether another that was never to be replicated may have a line.
    let mayName: @Sendable () -> Bool

    mutating func note(_ judged: JudgedDifference) throws {
      guard judged.kind != .neverEligible || mayName() else { return tally.add(judged, line: "") }
      let line = try judged.line
      tally.add(judged, line: line)
      lines.append(line)
    }

    mutating func note(_ result: Examination.Result) throws {
      switch result {
      case .same: tally.same += 1
      case .sameBySize:
        tally.same += 1
        tally.sameBySize += 1
      case .differs(let judged): try note(judged)
      case .unexamined(let judged, let reason):
        tally.unexamined += 1
        tally.refusals[reason, default: 0] += 1
        try note(judged)
      }
    }
  }

  private let judge: Judge
  private let examiner: (any ObjectExaminer)?
  private let state: Mutex<State>

  init(judge: Judge, examiner: (any ObjectExaminer)?) {
    self.judge = judge
    self.examiner = examiner
    let doubts = judge.purpose == .copy ? Self.maximumExaminedForCopy : Self.maximumExamined
    state = Mutex(
      State(left: [
        .doubts: doubts, .young: Self.maximumYoung, .archived: Self.maximumArchived,
        .ages: Self.maximumExamined,
      ]))
  }

  /// Counts the lines that an earlier try has written.
  func goOn(from tally: ComparisonTally) {
    state.withLock {
      $0.neverEligibleLines = max(0, Self.maximumNeverEligible - tally[.neverEligible])
    }
  }

  private func takeLine() -> Bool {
    state.withLock { state in
      guard state.neverEligibleLines > 0 else { return false }
      state.neverEligibleLines -= 1
      return true
    }
  }

  /// Judges what a join has found; what turns out to be the same is counted so.
  nonisolated(nonsending) func settle(
    _ rows: JoinedRows
  ) async throws -> (tally: ComparisonTally, lines: [String]) {
    if let sample = rows.sampleOfSame { state.withLock { $0.sample = sample } }
    guard !rows.differences.isEmpty else { return (rows.tally, []) }
    var account = Account(tally: rows.tally, mayName: takeLine)
    var doubtful: [JudgedDifference] = []
    var young: [JudgedDifference] = []
    var archived: [JudgedDifference] = []
    for difference in rows.differences {
      guard let judged = judge.judge(difference) else {
        let isSure = difference.source?.etag == difference.replica?.etag
        try account.note(isSure ? .same : .sameBySize)
        continue
      }
      if judge.isInDoubt(judged) {
        doubtful.append(judged)
      } else if judged.kind == .inFlight {
        young.append(judged)
      } else if judge.isExcusedByArchive(judged), difference.source?.told.replication == .unknown {
        archived.append(judged)
      } else {
        try account.note(judged)
      }
    }
    try await settle(doubtful, within: .doubts, &account)
    try await settle(young, within: .young, &account)
    try await settle(archived, within: .archived, &account)
    return (account.tally, account.lines)
  }

  /// Looks as many up as are left of a budget; the listings' word stays for the others.
  private func settle(
    _ judged: [JudgedDifference], within budget: Budget,
    _ account: inout Account
  ) async throws {
    let looked = take(judged.count, of: budget)
    for result in try await examine(Array(judged.prefix(looked))) { try account.note(result) }
    var rest = Array(judged.dropFirst(looked))
    if budget == .doubts { try await learnAges(from: &rest, &account) }
    account.tally.unexamined += rest.count
    for judged in rest { try account.note(unseen(judged)) }
  }

  /// What is held for true of an object that nobody looked at.
  private func unseen(_ judged: JudgedDifference) -> JudgedDifference {
    if isBehindItsRule(judged) { return judged.behindItsRule }
    guard judge.isExcusedByArchive(judged), state.withLock({ $0.archivesReplicated }) else {
      return judged
    }
    return judge.withoutExcuse(judged)
  }

  /// Looks the youngest up that may be older than their rule: what is older still need not be asked for then.
  private func learnAges(
    from rest: inout [JudgedDifference], _ account: inout Account
  ) async throws {
    guard state.withLock({ $0.showsStatus }) else { return }
    rest.sort { Self.isYounger($0, $1) }
    for _ in 0..<Self.maximumAgesAtOnce {
      let place = rest.firstIndex {
        $0.changedAt != nil && !$0.difference.isHidden && !isBehindItsRule($0)
          && coveringRule(of: $0.difference.key) != nil
      }
      guard let place, take(1, of: .ages) == 1 else { return }
      for result in try await examine([rest.remove(at: place)]) { try account.note(result) }
    }
  }

  private static func isYounger(_ one: JudgedDifference, _ other: JudgedDifference) -> Bool {
    guard let mine = one.changedAt else { return false }
    return other.changedAt.map { mine > $0 } ?? true
  }

  private func isBehindItsRule(_ judged: JudgedDifference) -> Bool {
    guard let modified = judged.changedAt, judged.difference.source?.isDeleteMarker == false,
      !judged.difference.isHidden, let rule = coveringRule(of: judged.difference.key)
    else { return false }
    return state.withLock { $0.showsStatus && $0.ages[rule.id]?.isBehind(modified) ?? false }
  }

  private func take(_ wanted: Int, of budget: Budget) -> Int {
    guard examiner != nil else { return 0 }
    return state.withLock { state in
      let taken = min(wanted, state.left[budget] ?? 0)
      state.left[budget]? -= taken
      return taken
    }
  }

  /// An object that both sides were asked about.
  private struct Looked: Sendable {
    let judged: JudgedDifference
    let source: ObjectHead
    let replica: ObjectHead
  }

  private func examine(_ doubtful: [JudgedDifference]) async throws -> [Examination.Result] {
    guard let examiner, !doubtful.isEmpty else { return [] }
    let looked = try await doubtful.concurrentMap(width: Self.width) { judged in
      let (key, version) = (judged.difference.key, judged.difference.doubtfulVersion)
      let source = try await examiner.source(key, version: version)
      return Looked(
        judged: judged, source: source,
        replica: Self.needsReplica(judged, source)
          ? try await examiner.replica(key, version: version) : ObjectHead(exists: false))
    }
    for one in looked { note(one.source, of: one.judged.difference.key) }
    let examination = Examination(judge: judge, showsStatus: try await showsStatus(examiner))
    return looked.map { examination.refine($0.judged, source: $0.source, replica: $0.replica) }
  }

  private func showsStatus(_ examiner: any ObjectExaminer) async throws -> Bool {
    guard judge.purpose == .replication else { return false }
    let (known, sample) = state.withLock { state in
      guard !state.showsStatus, state.samples > 0, let sample = state.sample else {
        return (state.showsStatus, [UInt8]?.none)
      }
      state.samples -= 1
      state.sample = nil
      return (false, sample)
    }
    guard let sample else { return known }
    let head = try await examiner.source(sample, version: "")
    note(head, of: sample)
    return head.status != nil
  }

  /// Nothing is to be learned of the replica of what is gone, or cannot be looked up.
  private static func needsReplica(_ judged: JudgedDifference, _ source: ObjectHead) -> Bool {
    guard source.refusal == nil else { return false }
    if judged.difference.isHidden { return !source.exists }
    return judged.difference.source == nil || source.exists && !source.isDeleted
  }

  /// Learns from what the source shows of an object.
  private func note(_ head: ObjectHead, of key: [UInt8]) {
    let rule = coveringRule(of: key)
    state.withLock { state in
      if head.status != nil { state.showsStatus = true }
      if head.isArchivedReplicated { state.archivesReplicated = true }
      guard let rule else { return }
      state.ages[rule.id, default: ReplicationAge()].note(head, optsInToKMS: rule.replicatesKMS)
    }
  }

  private func coveringRule(of key: [UInt8]) -> ReplicationRule? {
    if case .covered(let rule) = judge.rules?.coverage(of: key) { rule } else { nil }
  }
}

extension JudgedDifference {
  /// The same of an object that nobody asked for, since younger ones tell.
  fileprivate var behindItsRule: JudgedDifference {
    JudgedDifference(
      difference, .neverEligible,
      "older than the rule, as a younger object without a replication status shows")
  }
}
