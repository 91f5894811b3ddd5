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
    /// What a person sends, one command after the other.
    let commands: [String]
  }

  let source: S3Side
  let replica: S3Side
  let comparisonStep: String
  /// The role that the job runs as; an ARN.
  let role: String
  let folder: String?

  var summary: String { "write a Batch Replication job for what \(replica.bucket) lacks" }

  func observe(_ context: StepContext) async throws -> Observation<Output> {
    let found = try context.output(of: comparisonStep, as: CompareBuckets.Output.self)
    guard let folder, let list = found.list, found.tally.findings > 0 else {
      return .ready(Output(objects: 0, manifest: nil, request: nil, commands: []))
    }
    let stem = "\(folder)/\(context.run).\(context.step.asFileName)"
    let manifest = try await write(list, to: "\(stem).csv")
    try DurableFile.write(
      Array(request(etag: manifest.etag, context).prettyText().utf8), to: "\(stem).json",
      mode: 0o600, existing: .replace)
    let commands = commands(manifest: "\(stem).csv", request: "\(stem).json", context)
    context.keep("batch_manifest_sha256", .string(manifest.sha256))
    context.keep("batch_commands", .array(commands.map { .string($0) }))
    context.note(
      Finding(
        .note,
        "A job for \(manifest.count.grouped) objects is written. Send it with: "
          + commands.joined(separator: " && ")))
    return .ready(
      Output(
        objects: manifest.count, manifest: "\(stem).csv", request: "\(stem).json",
        commands: commands))
  }

  /// Lists what is missing, one object a line. Without a version a line means the newest one (S3 User
  /// Guide, "Creating an S3 Batch Operations job").
  private func write(
    _ list: String, to path: String
  ) async throws -> (count: Int, etag: String, sha256: String) {
    let manifest = try AppendedFile(path, keeping: 0, mode: 0o600)
    var etag = MD5()
    var count = 0
    var size: Int64 = 0
    try await FindingsList(list).forEach { lines in
      let keys = lines.compactMap(CopyObjects.key)
      let rows = Array(
        keys.map { "\(source.bucket),\(BatchManifest.escaped($0))\n" }.joined().utf8)
      etag.update(rows)
      count += keys.count
      size += Int64(rows.count)
      try await manifest.append(rows)
    }
    guard size <= CopyObject.maximumSize else {
      throw Problem(
        "the manifest is too large for one upload", on: path, because: "it has \(size) bytes",
        fix: "Name prefixes in the plan, and run it once for each.")
    }
    return (count, etag.finalized().hex, try await FindingsList(path).digest().sha256)
  }

  /// The ETag of what is uploaded is its MD5 sum, as the request has it, under S3's own keys alone.
  private func commands(manifest: String, request: String, _ context: StepContext) -> [String] {
    let region = source.aws.region
    return [
      [
        "aws", "s3api", "put-object", "--region", region, "--bucket", source.bucket, "--key",
        BatchManifest.key(context.run), "--body", manifest, "--server-side-encryption", "AES256",
      ],
      [
        "aws", "s3control", "create-job", "--region", region, "--cli-input-json",
        "file://\(request)",
      ],
    ].map { $0.map(ShellText.word).joined(separator: " ") }
  }

  private func request(etag: String, _ context: StepContext) -> JSONValue {
    let account = role.split(separator: ":", omittingEmptySubsequences: false)
    let bucket = "arn:\(Partition(of: source.aws.region).name):s3:::\(source.bucket)"
    return [
      "AccountId": .string(account.count > 4 ? String(account[4]) : ""),
      "ClientRequestToken": .string(context.run.description),
      "ConfirmationRequired": true, "Description": .string("mosaic-dr run \(context.run)"),
      "Manifest": [
        "Location": [
          "ETag": .string(etag),
          "ObjectArn": .string("\(bucket)/\(BatchManifest.key(context.run))"),
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

  /// Where the manifest of a run is put.
  static func key(_ run: ULID) -> String { "\(folder)/\(run).csv" }

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
