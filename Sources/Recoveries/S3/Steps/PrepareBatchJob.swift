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
  /// How many objects are asked for their version at the same time.
  private static let width = 16

  struct Output: Codable, Sendable {
    let objects: Int
    let manifest: String?
    let request: String?
    /// What a person sends, one command after the other.
    let commands: [String]

    static let nothing = Output(objects: 0, manifest: nil, request: nil, commands: [])
  }

  let source: S3Side
  let replica: S3Side
  let comparisonStep: String
  /// The role that the job runs as; an ARN.
  let role: String
  let folder: String?

  var summary: String { "write a Batch Replication job for what \(replica.bucket) lacks" }
  var calls: [PlannedCall] {
    [source.plan(HeadObject(bucket: source.bucket, key: "<key>")).byProgramAlone()]
  }

  func observe(_ context: StepContext) async throws -> Observation<Output> {
    let found = try context.output(of: comparisonStep, as: CompareBuckets.Output.self)
    let isNeeded = CopyOrder.kinds.contains { found.tally[$0] > 0 }
    guard let folder, let list = found.list, isNeeded else { return .ready(.nothing) }
    let stem = "\(folder)/\(context.run).\(context.step.asFileName)"
    let manifest = try await write(list, to: "\(stem).csv", context)
    guard manifest.count > 0 else {
      context.note(Finding(.note, "No job is written: there is no object to replicate any more."))
      return .ready(.nothing)
    }
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

  /// Lists what is missing, one version a line. In a bucket that keeps versions each line has to name one,
  /// and only that is replicated (S3 User Guide, "Specifying a manifest for a Batch Replication job").
  private func write(
    _ list: String, to path: String, _ context: StepContext
  ) async throws -> (count: Int, etag: String, sha256: String) {
    let manifest = try AppendedFile(path, keeping: 0, mode: 0o600)
    var etag = MD5()
    var count = 0
    var size: Int64 = 0
    var refused = RefusedObjects()
    try await FindingsList(list).forEach { lines in
      let versions = try await lines.compactMap { CopyOrder($0) }
        .concurrentMap(width: Self.width) { try await version($0, context) }
      var rows: [UInt8] = []
      for version in versions {
        switch version {
        case .gone: break
        case .refused(let object): refused.add(object)
        case .named(let key, let version):
          refused.endRow()
          rows += "\(source.bucket),\(BatchManifest.escaped(key)),\(version)\n".utf8
          count += 1
        }
      }
      guard refused.inARow < RefusedObjects.maximumInARow else {
        throw refused.problem(
          "could not be looked up", on: source.name, next: "Then retry the step.")
      }
      etag.update(rows)
      size += Int64(rows.count)
      try await manifest.append(rows)
    }
    guard size <= CopyObject.maximumSize else {
      throw Problem(
        "the manifest is too large for one upload", on: path, because: "it has \(size) bytes",
        fix: "Name prefixes in the plan, and run it once for each.")
    }
    if refused.count > 0 {
      context.keep("refused", try JSONValue(encoding: refused.first))
      let problem = refused.problem(
        "are not in the manifest", on: source.name, next: "Or replicate them by hand.")
      context.note(Finding(.exception, "\(problem.summary): \(problem.reason)."))
    }
    return (count, etag.finalized().hex, try await FindingsList(path).digest().sha256)
  }

  /// What a line of the manifest names.
  private enum Row: Sendable {
    case named(key: String, version: String)
    case gone
    case refused(RefusedObject)
  }

  private func version(_ order: CopyOrder, _ context: StepContext) async throws -> Row {
    if let version = order.version { return .named(key: order.key, version: version) }
    do {
      guard let head = try await source.head(order.key, context) else { return .gone }
      // What was there before versions were kept has none.
      return .named(key: order.key, version: head.version ?? "null")
    } catch {
      guard let refused = RefusedObject(order.key, error) else { throw error }
      return .refused(refused)
    }
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
        "Spec": [
          "Fields": ["Bucket", "Key", "VersionId"], "Format": "S3BatchOperations_CSV_20180820",
        ],
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
