import Recoveries
import RecoveryPlan

/// Any bytes are a plan or a list of diagnostics, never both and never neither.
@_cdecl("LLVMFuzzerTestOneInput")
public func readPlan(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = Array(UnsafeBufferPointer(start: start, count: count))
  let (plan, diagnostics) = PlanReader(kinds: ComponentKinds.all).read(bytes, file: "plan.yaml")
  precondition((plan == nil) == !diagnostics.isEmpty)
  return 0
}
