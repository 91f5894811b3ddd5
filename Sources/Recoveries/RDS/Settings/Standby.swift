import AWSClient
import RunEngine

extension RestoreTarget {
  /// The same, with a standby if what is lost had one.
  ///
  /// - Parameter step: the step that looked at what is lost; nil when the plan says what there is to be.
  func withStandby(like step: String?, _ context: StepContext) throws -> RestoreTarget {
    guard let step, let source = try context.output(of: step, as: ReadSource.Output.self).source
    else { return self }
    var target = self
    target.multiAZ = source.settings.multiAZ ?? multiAZ
    return target
  }
}
