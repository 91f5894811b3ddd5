import Platform
import RunEngine
import RunJournal

/// Waits until a failover record that was made beforehand leads to what was recovered. Nothing is
/// asked of Route 53's control plane, which may be lost with its region.
struct AwaitRecord: ObservingStep {
  typealias Output = CutOverRecord

  static let kind = "dns.await-record"
  static let phase = StepPhase.cutover

  let spec: DNSCutOver
  let instanceStep: String

  var summary: String { "wait until \(spec.record) leads to what was recovered" }

  func observe(_ context: StepContext) async throws -> Observation<CutOverRecord> {
    let value = try spec.target(context.output(of: instanceStep, as: InstanceRecord.self))
    do {
      if let other = try await spec.check.difference(from: [value], context) {
        return .waiting(Progress("\(spec.record) leads to \(other)"))
      }
    } catch let error as Problem {
      return .waiting(Progress("\(error.summary): \(error.reason)"))
    }
    return .ready(CutOverRecord(changedAt: context.time.now().wall, lingers: 0))
  }
}
