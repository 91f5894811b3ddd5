import Platform
import RunJournal
import StrictJSON

/// The looks of a step that removes what another made.
struct RemovalLook {
  let removal: Removal
  let log: RunLog
  let context: StepContext
  private var wasSeen = false

  init(removal: Removal, log: RunLog, context: StepContext) {
    self.removal = removal
    self.log = log
    self.context = context
  }

  /// Goes one step towards removal; also of what was made by a process that died before it could
  /// note it. That a thing does not show proves nothing until it has been seen once, or had its time
  /// to appear.
  mutating func next() async throws -> Observation<JSONValue> {
    let made = log.step(removal.record.of)
    for identity in made.spent {
      let end = try await removal.remove(identity, context)
      if case .waiting = end { return end }
    }
    guard let intent = made.intent, let attempted = made.attemptedAt else {
      let removed =
        made.spent.isEmpty
        ? Removed.nothing(because: "it was never made") : Removed(what: removal.record.what)
      return .ready(try JSONValue(encoding: removed))
    }
    let wasRefused = made.failure?[RefusedEffect.key] == true && made.identity == nil
    if wasRefused {
      return .ready(try JSONValue(encoding: Removed.nothing(because: "the call was refused")))
    }
    wasSeen = wasSeen || made.output != nil
    let age = context.time.now().wall - attempted.wall
    let mayAppear = !wasSeen && age < removal.appearsWithin
    let doubt = Progress("making sure that nothing comes of an interrupted call")
    var known = made.identity
    if known == nil, case .ours(let found) = try await removal.find(intent, context) {
      known = found
      wasSeen = true
    }
    guard let identity = known else {
      return mayAppear
        ? .waiting(doubt)
        : .ready(try JSONValue(encoding: Removed.nothing(because: "it was never made")))
    }
    switch try await removal.remove(identity, context) {
    case .waiting(let progress):
      wasSeen = true
      return .waiting(progress)
    case .ready(let output):
      // A reason says that the step knows for certain that there is nothing.
      let isDoubtful = mayAppear && !wasSeen && output["reason"] == nil
      return isDoubtful ? .waiting(doubt) : .ready(output)
    }
  }
}
