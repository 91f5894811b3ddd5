import BucketComparison
public import Platform

/// The folders in which comparisons spread inventory reports, beside the report of their run.
public enum InventoryWork {
  private static let ending = "inventories"

  /// The folder of a step: several components of a run may be compared at the same time.
  static func folder(of step: String, run: String, in reports: String) -> String {
    "\(reports)/.\(run).\(step.asFileName).\(ending)"
  }

  /// Removes what the comparisons of a run have left to go on with. Nobody may be executing it.
  ///
  /// - Parameter reports: the folder of the reports of the run's plan.
  /// - Returns: how many folders there were.
  @discardableResult
  public static func remove(of run: String, in reports: String) throws(FileError) -> Int {
    let left = try DurableFile.names(in: reports).filter {
      $0.hasPrefix(".\(run).") && $0.hasSuffix(".\(ending)")
    }
    for name in left { InventoryComparison.remove("\(reports)/\(name)") }
    return left.count
  }
}

extension String {
  /// A step's identifier as a part of a file's name.
  var asFileName: String { String(map { $0 == "/" ? "-" : $0 }) }
}
