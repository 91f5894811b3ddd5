import AWSClient
import Platform
import RunEngine
import RunJournal

/// Makes a DNS record lead to what was recovered, waits until every authoritative server has it, and
/// checks it by resolving. Taken back when the cut-over as a whole does not succeed.
struct PointRecord: RemovableStep {
  typealias Output = CutOverRecord

  static let kind = "dns.point-record"
  static let phase = StepPhase.cutover
  /// How often a resolver may leave unanswered whether the record leads back.
  private static let patience = 3

  /// The values of a record, and for how many seconds they may be kept.
  struct Values: Codable, Sendable, Equatable {
    let values: [String]
    let ttl: Int
  }

  struct Intent: Codable, Sendable, Equatable {
    let zone: String
    let old: Values?
    let new: Values
  }

  struct Identity: Codable, Sendable, Equatable {
    /// Nil when the change was found to be there.
    let change: String?
    let intent: Intent
  }

  let aws: AWSAccess
  let spec: DNSCutOver
  let instanceStep: String
  /// The step that has an output once the cut-over as a whole has succeeded.
  let completion: String
  private let reversals = RecordReversals()

  init(aws: AWSAccess, spec: DNSCutOver, instanceStep: String, completion: String) {
    self.aws = aws
    self.spec = spec
    self.instanceStep = instanceStep
    self.completion = completion
  }

  var summary: String { "make \(spec.record) lead to what was recovered" }
  var effects: [PlannedEffect] { [PlannedEffect(.changes, "DNS record \(spec.record)")] }
  var removalSummary: String { "lead \(spec.record) back, unless the cut-over has succeeded" }
  var removalEffects: [PlannedEffect] { effects }
  var made: String { "the change of DNS record \(spec.record)" }
  var cost: String { "It leads users to what this run made." }
  var appearsWithin: Duration { .zero }
  var calls: [PlannedCall] {
    (spec.zone.map(Self.isIdentifier) == true
      ? [] : [aws.plan(ListHostedZonesByName(startingAt: spec.zone ?? ""))])
      + [
        aws.plan(ListResourceRecordSets(zone: zoneShown, startingAt: name, type: spec.type)),
        aws.plan(
          ChangeResourceRecordSets(
            zone: zoneShown, .upsert, record(Values(values: ["<address>"], ttl: seconds)))),
        aws.plan(GetChange(change: "<change>")),
      ]
  }
  var removalCalls: [PlannedCall] {
    [
      aws.plan(ListResourceRecordSets(zone: zoneShown, startingAt: name, type: spec.type)),
      aws.plan(
        ChangeResourceRecordSets(
          zone: zoneShown, .upsert, record(Values(values: ["<old-value>"], ttl: seconds)))),
      aws.plan(GetChange(change: "<change>")),
    ]
  }

  func prepare(_ context: StepContext) async throws -> Intent? {
    let value = try spec.target(context.output(of: instanceStep, as: InstanceRecord.self))
    let zone = try await zone(context)
    let old = try await current(zone, context)
    let new = Values(values: [value], ttl: seconds)
    if let old, old.values == new.values { return nil }
    return Intent(zone: zone, old: old, new: new)
  }

  /// To set a record twice is to set it once; one that somebody else has changed is left alone.
  func find(_ intent: Intent, _ context: StepContext) async throws -> Existing<Identity> {
    let found = try await current(intent.zone, context)
    if found == intent.new { return .ours(Identity(change: nil, intent: intent)) }
    return found == intent.old
      ? .absent
      : .foreign("DNS record \(spec.record), which has been changed to \(shown(found)) meanwhile")
  }

  func apply(_ intent: Intent, _ context: StepContext) async throws -> Identity {
    let change = try await aws.send(
      ChangeResourceRecordSets(zone: intent.zone, .upsert, record(intent.new)), context)
    return Identity(change: change.identifier, intent: intent)
  }

  func observe(
    _ intent: Intent, _ identity: Identity, _ context: StepContext
  ) async throws -> Observation<CutOverRecord> {
    switch try await state(of: identity.change, leadingTo: intent.new, context) {
    case .inForce: break
    case .unknown(let reason), .waiting(let reason): return .waiting(Progress(reason))
    case .pending: return .waiting(Progress("the change is pending", isNear: true))
    }
    noteWayBack(intent, context)
    return .ready(
      CutOverRecord(changedAt: context.time.now().wall, lingers: intent.old?.ttl ?? 0))
  }

  /// The record leads there already.
  func unchanged(_ context: StepContext) async throws -> CutOverRecord {
    CutOverRecord(changedAt: context.time.now().wall, lingers: 0)
  }

  func remove(_ identity: Identity, _ context: StepContext) async throws -> Observation<Removed> {
    if (try? context.output(of: completion, as: NoteCutOver.Output.self)) != nil {
      return .ready(.nothing(because: "the cut-over has succeeded"))
    }
    let intent = identity.intent
    let found = try await current(intent.zone, context)
    guard found == intent.old || found == intent.new else {
      throw Problem(
        "a DNS record is not as this run left it", on: spec.record,
        because: "it has been changed to \(shown(found)); it was left alone",
        fix: "Look who changed it; before this run it led to \(shown(intent.old)).")
    }
    // To set the old values again does no harm, and gives a change to wait for after a crash.
    if found != intent.old || (intent.old != nil && reversals.change == nil) {
      reversals.change = try await aws.send(reversal(of: intent), context).identifier
      return .waiting(Progress("leading back", isNear: true))
    }
    switch try await state(of: reversals.change, leadingTo: intent.old, context) {
    case .inForce: return .ready(Removed(what: made))
    case .pending: return .waiting(Progress("leading back, the change is pending", isNear: true))
    case .waiting(let reason): return .waiting(Progress(reason))
    case .unknown(let reason): return unchecked(intent, because: reason, context)
    }
  }

  /// Users are led back though it cannot be seen from here: that is told, not waited out.
  private func unchecked(
    _ intent: Intent, because reason: String, _ context: StepContext
  ) -> Observation<Removed> {
    guard reversals.unanswered() >= Self.patience else { return .waiting(Progress(reason)) }
    context.note(
      Finding(
        .warning,
        "\(spec.record) leads back to \(shown(intent.old)) on every server of Route 53, which could not "
          + "be checked by resolving: \(reason)."))
    return .ready(Removed(what: made))
  }

  /// How far a change of the record is.
  private enum ChangeState {
    case pending
    /// In force, but resolvers give something else still.
    case waiting(String)
    /// In force, but the resolver does not answer.
    case unknown(String)
    case inForce
  }

  /// - Parameter change: nil when the record was found to be so.
  private func state(
    of change: String?, leadingTo values: Values?, _ context: StepContext
  ) async throws -> ChangeState {
    if let change, try await !aws.send(GetChange(change: change), context).isInSync {
      return .pending
    }
    do {
      let other = try await spec.check.difference(from: values?.values ?? [], context)
      return other.map { .waiting("\(spec.record) still leads to \($0)") } ?? .inForce
    } catch let error as Problem {
      return .unknown("\(error.summary): \(error.reason)")
    }
  }

  private func reversal(of intent: Intent) -> ChangeResourceRecordSets {
    intent.old.map { ChangeResourceRecordSets(zone: intent.zone, .upsert, record($0)) }
      ?? ChangeResourceRecordSets(zone: intent.zone, .delete, record(intent.new))
  }

  private func noteWayBack(_ intent: Intent, _ context: StepContext) {
    let words = reversal(of: intent).commandLine(region: aws.region).map { word in
      word.contains("{") ? "'\(word)'" : word
    }
    context.note(
      Finding(
        .note,
        "\(spec.record) led to \(shown(intent.old)). The way back: mosaic-dr undo \(context.run); by hand: "
          + words.joined(separator: " "))
    )
  }

  private func zone(_ context: StepContext) async throws -> String {
    let asked = spec.zone ?? ""
    if Self.isIdentifier(asked) { return asked }
    let wanted = asked.hasSuffix(".") ? asked : asked + "."
    let zones = try await aws.send(ListHostedZonesByName(startingAt: wanted), context)
      .filter { $0.name == wanted }
    guard zones.count == 1 else {
      throw Problem(
        "the zone of a record cannot be told", on: asked,
        because: zones.isEmpty ? "there is none of that name" : "there are several of that name",
        fix: zones.isEmpty
          ? "Correct the zone's name in the plan."
          : "Name it by its identifier: \(zones.map(\.identifier).joined(separator: " or ")).")
    }
    return zones[0].identifier
  }

  private func current(_ zone: String, _ context: StepContext) async throws -> Values? {
    let found = try await aws.send(
      ListResourceRecordSets(zone: zone, startingAt: name, type: spec.type), context
    ).first { $0.name == name && $0.type == spec.type }
    guard let found else { return nil }
    guard found.setIdentifier == nil, let ttl = found.ttl else {
      throw Problem(
        "the record cannot be edited", on: spec.record,
        because: "it is an alias, or one of several that a routing policy chooses from",
        fix: "Write 'preMade: true' when it changes by its health check, or name a simple record.")
    }
    return Values(values: found.values, ttl: ttl)
  }

  private func record(_ values: Values) -> ResourceRecordSet {
    ResourceRecordSet(name: name, type: spec.type, ttl: values.ttl, values: values.values)
  }

  private func shown(_ values: Values?) -> String {
    values.map { $0.values.joined(separator: ", ") } ?? "nothing"
  }

  private var name: String { spec.record.lowercased() + "." }
  private var seconds: Int { Int(clamping: max(1, spec.ttl.wholeMilliseconds / 1_000)) }
  private var zoneShown: String {
    spec.zone.flatMap { Self.isIdentifier($0) ? $0 : nil } ?? "<zone>"
  }

  private static func isIdentifier(_ zone: String) -> Bool {
    zone.count > 8 && zone.first == "Z" && zone.allSatisfy { $0.isUppercase || $0.isNumber }
  }
}
