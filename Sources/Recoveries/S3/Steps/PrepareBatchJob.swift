import AWSClient
import BucketComparison
import Cryptography
import Platform
import RunEngine
import RunJournal
import StrictJSON

/// Writes what S3 Batch Operations needs to replicate what is missing: a manifest and a request
/// (S3 User Guide, "Replicating existing objects with S3 Batch Replication"). A person uploads the one
/// and sends the other.
struct PrepareBatchJob: ObservingStep {
  static let kind = "s3.batch-job"
  static let phase = StepPhase.recover

  struct Output: Codable, Sendable {
    let objects: Int
    let manifest: String?
    let request: String?
  }

  let source: S3Side
  let replica: S3Side
  let comparisonStep: String
  let replicationStep: String
  let folder: String?

  var summary: String { "write a Batch Replication job for what \(replica.bucket) lacks" }

  func observe(_ context: StepContext) async throws -> Observation<Output> {
    let found = try context.output(of: comparisonStep, as: CompareBuckets.Output.self)
    guard let folder, let list = found.list, found.tally.findings > 0 else {
      return .ready(Output(objects: 0, manifest: nil, request: nil))
    }
    let role = try context.output(of: replicationStep, as: CheckReplication.Output.self).role
    let stem = "\(folder)/\(context.run).\(String(context.step.map { $0 == "/" ? "-" : $0 }))"
    let manifest = try AppendedFile("\(stem).csv", keeping: 0, mode: 0o600)
    var digest = MD5()
    var count = 0
    try await FindingsList(list).forEach { lines in
      let keys = lines.compactMap(CopyObjects.key)
      let rows = keys.map { "\(source.bucket),\(BatchManifest.escaped($0))\n" }.joined()
      digest.update(Array(rows.utf8))
      count += keys.count
      try await manifest.append(Array(rows.utf8))
    }
    let request = request(role: role, etag: digest.finalized().hex, context)
    try DurableFile.write(
      Array(request.prettyText().utf8), to: "\(stem).json", mode: 0o600, existing: .replace)
    context.note(
      Finding(
        .note,
        "A job for \(count.grouped) objects is written. Upload \(stem).csv to the manifest's place, "
          + "then: aws s3control create-job --region \(source.aws.region) --cli-input-json "
          + "file://\(stem).json"))
    return .ready(Output(objects: count, manifest: "\(stem).csv", request: "\(stem).json"))
  }

  private func request(role: String, etag: String, _ context: StepContext) -> JSONValue {
    let partition = Partition(of: source.aws.region).name
    let account = role.split(separator: ":", omittingEmptySubsequences: false)
    let bucket = "arn:\(partition):s3:::\(source.bucket)"
    return [
      "AccountId": .string(account.count > 4 ? String(account[4]) : ""),
      "ClientRequestToken": .string(context.run.description),
      "ConfirmationRequired": true, "Description": .string("mosaic-dr run \(context.run)"),
      "Manifest": [
        "Location": [
          "ETag": .string(etag),
          "ObjectArn": .string("\(bucket)/\(BatchManifest.folder)/\(context.run).csv"),
        ],
        "Spec": ["Fields": ["Bucket", "Key"], "Format": "S3BatchOperations_CSV_20180820"],
      ],
      "Operation": ["S3ReplicateObject": [:]], "Priority": 10,
      "Report": [
        "Bucket": .string(bucket), "Enabled": true, "Format": "Report_CSV_20180820",
        "Prefix": .string(BatchManifest.folder), "ReportScope": "FailedTasksOnly",
      ],
      "RoleArn": .string(role),
    ]
  }
}

/// The form of a manifest.
enum BatchManifest {
  /// Where manifests and reports are put.
  static let folder = ".mosaic-dr-batch"

  /// Keys are URL-encoded (S3 User Guide, "Specifying a manifest"); slashes may stay.
  static func escaped(_ key: String) -> String {
    let plain = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~/".utf8)
    return key.utf8.map { byte in
      if plain.contains(byte) { return String(UnicodeScalar(byte)) }
      let digits = String(byte, radix: 16, uppercase: true)
      return "%" + (digits.count < 2 ? "0" : "") + digits
    }.joined()
  }
}
