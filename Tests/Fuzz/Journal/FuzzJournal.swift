import Measurement
import RunEngine
import RunJournal
import StrictJSON

/// Any bytes are events of a run or no JSON; whatever they say is folded and measured without a
/// crash, and what the chain accepts comes back as it was.
@_cdecl("LLVMFuzzerTestOneInput")
public func readEvents(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = Array(UnsafeBufferPointer(start: start, count: count))
  guard let value = try? JSONValue(parsing: bytes) else { return 0 }
  let events = (value.arrayValue ?? [value]).compactMap { JournalEvent(json: $0) }
  _ = RunState(events).leftovers
  _ = RunFigures(events)
  if (try? EventChain.verify(events)) != nil {
    precondition(events.allSatisfy { JournalEvent(json: $0.json) == $0 })
  }
  return 0
}
