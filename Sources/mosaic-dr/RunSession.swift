import AWSClient
import Cryptography
import Evidence
import EvidenceServices
import Platform
import Recoveries
import RecoveryPlan
import RunEngine
import RunJournal
import StrictJSON

/// Starts a run or goes on with one, and stays with it until it is laid down.
struct RunSession {
  let surroundings: Surroundings
  let journal: Journal
  let client: AWSClient
  let telling: RunTelling

  /// - Parameter lostRegion: a region that every call of a new run is refused to; a run that is gone on
  ///   with keeps its own.
  init(_ surroundings: Surroundings, _ telling: RunTelling, lostRegion: String? = nil) throws {
    self.surroundings = surroundings
    self.telling = telling
    journal = try surroundings.journal()
    client = try surroundings.client(lostRegion: lostRegion)
  }

  /// The run's option that names the lost region.
  private static let lostRegionOption = "lost_region"

  /// How long a service that answers, but not with what was asked, is waited for before a run.
  private static let patience: Duration = .seconds(30)

  /// Who the credentials belong to; fails when there are none, before anything is written.
  @inline(never)  // As with `verifiedEvents`: the optimizer of Swift 6.3.1.
  func identity(in region: String) async throws -> CallerIdentity {
    let limit = surroundings.time.now().sinceBoot + Self.patience.wholeNanoseconds
    while true {
      do {
        return try await client.send(GetCallerIdentity(), region: region, log: nil)
      } catch let error as AWSError
        where error.isTransient && error.hasReachedService
        && surroundings.time.now().sinceBoot < limit
      {
        telling.terminal.error("\(error.description); it is asked again")
        try await surroundings.time.sleep(for: .seconds(1))
      }
    }
  }

  /// What a run would do, with the very names that it would give.
  func undertaking(
    _ plan: RecoveryPlan, _ mode: RunMode, _ run: ULID, _ pointInTime: Timestamp?
  ) throws -> Undertaking {
    Undertaking(try nodes(plan, mode, run, pointInTime, client))
  }

  func start(
    _ plan: RecoveryPlan, as run: ULID, mode: RunMode, identity: CallerIdentity,
    incident: Timestamp?,
    pointInTime: Timestamp?, challenge: String? = nil, maximumRegression: Int64? = nil,
    options: RunExecutor.Options
  ) async throws -> RunOutcome {
    // The incident is fixed before anything is looked up: no later choice can flatter the figures.
    let declared = surroundings.time.now().wall
    var settings = ["aws_account": identity.account, "aws_identity": identity.arn]
    settings["point_in_time"] = pointInTime?.formatted(fractionDigits: 9)
    settings[Self.lostRegionOption] = client.lostRegion
    settings["challenge"] = challenge
    settings[RunReport.regressionOption] = maximumRegression.map { String($0) }
    settings["scenario"] = plan.scenario
    settings["controls"] = plan.controls.isEmpty ? nil : plan.controls.joined(separator: "; ")
    let nodes = try nodes(plan, mode, run, pointInTime, client)
    let creation = RunCreation(
      plan: plan.name, planDigest: plan.digest, planFile: plan.file,
      includedPlans: plan.includedDigests, executedDigest: plan.executedDigest,
      mode: mode, options: settings, rtoObjective: plan.rto?.wholeMilliseconds,
      rpoObjective: plan.rpo?.wholeMilliseconds, steps: nodes.map(\.record),
      expectedPath: try StepArrangement(nodes).criticalPath, operatorIdentity: .current(),
      version: Surroundings.version)
    let record = RunRecord(
      id: run.description, planName: plan.name, planDigest: creation.planDigest,
      mode: mode.rawValue, createdAt: declared)
    // The instants belong to the run from its first commit on: without them nothing can be measured.
    let moments = [
      Moment(
        .incident, at: incident ?? declared, evidence: .stated,
        source: incident == nil ? "the start of the run" : "--incident-time"),
      Moment(.declared, at: declared, evidence: .measured, source: "the run was asked for"),
    ]
    let opening =
      [EventDraft(.runCreated, body: try JSONValue(encoding: creation))]
      + (try moments.map { EventDraft(.moment, body: try JSONValue(encoding: $0)) })
    let (lease, created) = try await journal.create(
      record, planBytes: plan.bytes,
      included: Dictionary(
        plan.family.dropFirst().map { ($0.digest, $0.bytes) }, uniquingKeysWith: { $1 }),
      opening: opening, holder: .current())
    telling.note("run \(run) (\(mode.rawValue) of \(plan.name), account \(identity.account))")
    return try await execute(run, creation, plan, nodes, lease, created, options)
  }

  /// Goes on with a run from its last checkpoint. Of a run that died between its end and its report,
  /// only the report is missing.
  func resume(_ id: String, options: RunExecutor.Options) async throws -> (ULID, RunOutcome) {
    let known = try await known(id)
    var opening: [EventDraft] = []
    if known.state.isFinished {
      guard let request = try await retry(of: known) else {
        if isReported(known) { throw known.ended }
        return (known.run, .finished)
      }
      opening = [EventDraft(.runReopened, body: ["by": .string(request.by)])]
    }
    return (known.run, try await goOn(known, opening: opening, options))
  }

  /// A run that the journal holds, and how it stands.
  struct KnownRun {
    let run: ULID
    let record: RunRecord
    let creation: RunCreation
    let events: [JournalEvent]
    let state: RunState

    /// Every step has ended, and nobody asked for one of them to be tried again.
    var ended: Problem {
      let left = state.leftovers.compactMap(\.removal?.what).joined(separator: ", ")
      return Problem(
        "the run has ended", on: record.id,
        because: left.isEmpty ? "every step has come to its end" : "it has left over: \(left)",
        fix: left.isEmpty
          ? "'mosaic-dr retry \(record.id) STEP' opens a failed step again; a new run starts afresh."
          : "Remove that with 'mosaic-dr cleanup \(record.id)'.")
    }
  }

  func known(_ id: String) async throws -> KnownRun {
    guard let run = ULID(id), let record = try await journal.run(run.description) else {
      throw journal.doesNotKnow(id)
    }
    let events = try await journal.verifiedEvents(of: record.id)
    let state = RunState(events)
    guard let creation = state.creation else { throw journal.doesNotKnow(id) }
    return KnownRun(run: run, record: record, creation: creation, events: events, state: state)
  }

  private func isReported(_ known: KnownRun) -> Bool {
    RunReport(known.events).map(recorder.isRecorded) ?? true
  }

  /// A request that opens an ended run again.
  private func retry(of known: KnownRun) async throws -> OperatorRequest? {
    try await journal.requests(for: known.record.id).map(\.request).first {
      StepRequest($0, known.state).map { $0.refusal == nil } ?? false
    }
  }

  func goOn(
    _ known: KnownRun, opening: [EventDraft], _ options: RunExecutor.Options
  ) async throws -> RunOutcome {
    let plan = try await journaledPlan(known.record, known.creation)
    var options = options
    options.timeout = plan.timeout
    let lease = try await journal.acquireLease(of: known.record.id, by: .current())
    // What happened between the first look and the lease counts too.
    let events = try await journal.verifiedEvents(of: known.record.id)
    let opened = opening.isEmpty ? [] : try await journal.append(opening, under: lease)
    let nodes = try nodes(
      plan, known.creation.mode, known.run,
      known.creation.options["point_in_time"].flatMap { Timestamp($0) },
      try surroundings.client(lostRegion: known.creation.options[Self.lostRegionOption]))
    return try await execute(
      known.run, known.creation, plan, nodes, lease, events + opened, options)
  }

  private func execute(
    _ run: ULID, _ creation: RunCreation, _ plan: RecoveryPlan, _ nodes: [StepNode],
    _ lease: Lease, _ events: [JournalEvent], _ options: RunExecutor.Options
  ) async throws -> RunOutcome {
    let pending: RunRecorder.Pending?
    do {
      pending = try await recorder.recordStart(of: run, creation, asked: plan.schedule)
    } catch {
      try await journal.release(lease)
      throw error
    }
    let state = RunState(events)
    let broadcast = RunBroadcast(
      try recorder.settings(for: creation.mode).notifiers, run: run, creation, telling.terminal)
    broadcast.tellStart(at: surroundings.time.now().wall)
    let watch = ObjectiveWatch(
      state, forecast: try await journal.forecast(of: creation, before: run.description))
    let display = ProgressDisplay(telling, events, time: surroundings.time)
    let executor = try RunExecutor(
      nodes: nodes, run: run, mode: creation.mode, journal: journal, lease: lease,
      events: events, time: surroundings.time, random: surroundings.random,
      options: options, classify: Faults.classify,
      observer: { event in
        display.tell(event)
        broadcast.tell(event)
        watch.take(event)
      })
    let watching = Task {
      await watch.run(surroundings.time) { news, now in
        if let outlook = news.outlook { display.tell(outlook) }
        if let risk = news.risk { broadcast.tell(risk, at: now) }
      }
    }
    defer { watching.cancel() }
    let interrupts = Interrupts()
    do {
      let outcome = try await display.shown {
        try await executor.execute(stops: interrupts.stream)
      }
      await broadcast.finish()
      await pending?.value
      return outcome
    } catch let error as SQLiteError {
      throw RunLaidDown(run: run, cause: error)
    }
  }

  var recorder: RunRecorder {
    RunRecorder(
      surroundings: surroundings, journal: journal, client: client,
      terminal: telling.terminal)
  }

  private func nodes(
    _ plan: RecoveryPlan, _ mode: RunMode, _ run: ULID, _ pointInTime: Timestamp?,
    _ client: AWSClient
  ) throws -> [StepNode] {
    var lowering = Lowering(
      plan: plan, mode: mode, run: run, pointInTime: pointInTime, client: client,
      environment: surroundings.environment, clusters: surroundings.clusters())
    lowering.earlier = .journaled(plan.name, in: journal)
    lowering.stateOption = surroundings.stateOption
    lowering.attachmentsFolder = surroundings.reportsFolder(of: plan.name)
    return try lowering.nodes()
  }

  /// The plan as it was when the run began, whatever has become of the file.
  private func journaledPlan(
    _ record: RunRecord, _ creation: RunCreation
  ) async throws -> RecoveryPlan {
    var included: [String: PlanReader.Source] = [:]
    for (name, digest) in creation.includedPlans ?? [:] {
      included[name] = PlanReader.Source(
        file: name, bytes: try await planBytes(digest, of: record))
    }
    let reader = PlanReader(kinds: ComponentKinds.all, find: { [included] in included[$0] })
    let bytes = try await planBytes(record.planDigest, of: record)
    guard let plan = reader.read(bytes, file: record.planName).plan else {
      throw unreadable(record)
    }
    return plan
  }

  private func planBytes(_ digest: String, of record: RunRecord) async throws -> [UInt8] {
    guard let bytes = try await journal.planBytes(digest),
      SHA256.digest(of: bytes).hex == digest
    else { throw unreadable(record) }
    return bytes
  }

  private func unreadable(_ record: RunRecord) -> Problem {
    Problem(
      "the plan of the run cannot be read", on: record.id,
      because: "the journal holds other bytes than the run began with, or an older format",
      fix: "Use the version of mosaic-dr that began the run.")
  }
}
