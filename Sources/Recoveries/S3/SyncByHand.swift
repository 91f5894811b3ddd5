import RunEngine

/// How a person compares and copies what buckets hold: with `aws s3 sync`, which goes through the keys by itself,
/// where this program makes calls for each.
struct SyncByHand {
  let from: S3Side
  let to: S3Side
  /// What the keys begin with; everything when there is none.
  let prefixes: [String]

  /// Shows what would be copied, then how a single object is looked at.
  var comparing: [PlannedCall] {
    syncs("s3:ListBucket", .reads, with: ["--dryrun"]).map { $0.remarking(Self.comparingRemark) }
      + [from, to].map { side in
        call(
          "s3:GetObject", .reads,
          ["aws", "s3api", "head-object", "--region", side.aws.region, "--bucket", side.bucket]
            + ["--key", "<key>", "--checksum-mode", "ENABLED"], at: side)
      }
  }

  /// Copies, and says how a single object is.
  var copying: [PlannedCall] {
    let single = ["aws", "s3", "cp", "\(place(from))<key>", "\(place(to))<key>"]
    let bulk = syncs("s3:PutObject", .changes, with: ["--no-progress"])
    return bulk.map { $0.remarking(Self.copyingRemark) } + [
      call("s3:PutObject", .changes, single + regions, at: to).remarking(Self.keyRemark)
    ]
  }

  private static let comparingRemark = """
    Each line is an object to be copied, since it is not there or differs in size or time; no line, nothing to copy. Neither older
    versions nor delete markers count, nor empty objects whose keys end in a slash.
    """
  private static let copyingRemark =
    "It ends with status 2 when it left out archived objects: these have to be restored first."
  private static let keyRemark = """
    That is for a single object. Put its key in quotes, as it is; only `--copy-source` of `aws s3api copy-object` wants it URL-encoded,
    slashes aside.
    """

  private func syncs(
    _ name: String, _ effect: PlannedCall.Effect, with options: [String]
  ) -> [PlannedCall] {
    (prefixes.isEmpty ? [""] : prefixes).map { prefix in
      // It takes folders: the rest of a prefix that ends within a name is a filter.
      let end = prefix.lastIndex(of: "/").map { prefix.index(after: $0) } ?? prefix.startIndex
      let (folder, rest) = (prefix[..<end], prefix[end...])
      let filter =
        rest.isEmpty ? [] : ["--exclude", "*", "--include", "\(Self.literally(rest))*"]
      return call(
        name, effect,
        ["aws", "s3", "sync", "\(place(from))\(folder)", "\(place(to))\(folder)"] + regions
          + options + filter, at: to)
    }
  }

  private var regions: [String] {
    ["--source-region", from.aws.region, "--region", to.aws.region]
  }

  private func place(_ side: S3Side) -> String { "s3://\(side.bucket)/" }

  /// As a pattern of a shell that fits nothing else.
  private static func literally(_ text: Substring) -> String {
    text.map { "*?[".contains($0) ? "[\($0)]" : String($0) }.joined()
  }

  /// The program's own calls say what has to be allowed.
  private func call(
    _ name: String, _ effect: PlannedCall.Effect, _ command: [String], at side: S3Side
  ) -> PlannedCall {
    PlannedCall(name, in: side.aws.region, effect: effect, permissions: [], command: command)
  }
}
