import Evidence
import Foundation
import Platform
import Testing

/// Reports of real drills, as docs/samples holds them.
enum SampleReports {
  /// In the order in which they ran: met, killed and resumed, missed, failed.
  static func all() throws -> [RunReport] {
    let samples = ServiceTests.root.appending(path: "docs/samples")
    let reports = samples.appending(path: "reports/rds-prod").path
    let policy = VerificationPolicy(
      trusted: try TrustFile.read(samples.appending(path: "trusted.pub").path),
      now: SystemTime().now().wall)
    return try DurableFile.names(in: reports).map {
      try BundleVerifier.verify("\(reports)/\($0)", policy).report
    }
  }
}
