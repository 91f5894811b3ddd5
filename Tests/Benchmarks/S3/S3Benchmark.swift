import AWSClient
import BucketComparison
import Glibc
import HTTPClient
import Platform
import StrictJSON

/// Compares two buckets as the product does and prints what it took, as one line of JSON.
@main enum S3Benchmark {
  static func main() async throws {
    let arguments = CommandLine.arguments
    guard arguments.count >= 3 else {
      print("usage: s3-benchmark SOURCE REPLICA [PARALLEL]")
      exit(2)
    }
    let time = SystemTime()
    let random = SystemRandom()
    var environment = ["HOME": "/nowhere"]
    let names: [String] = [
      "AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_CA_BUNDLE",
    ]
    for name in names { environment[name] = getenv(name).map { String(cString: $0) } }
    let settings = try AWSSettings(environment: environment)
    let http = HTTPClient(authorities: settings.authorities, threads: HTTPClient.usefulThreads)
    let client = AWSClient(
      settings: settings, http: http,
      credentials: EnvironmentCredentials(environment: environment), time: time, random: random,
      version: "benchmark")
    let side = { (bucket: String) in
      BucketListing(
        bucket: bucket, region: "us-east-1", client: client, http: http, time: time, random: random)
    }
    let began = time.now()
    let comparison = BucketComparison(
      source: side(arguments[1]), replica: side(arguments[2]),
      judge: Judge(
        rules: nil, maximumLag: .seconds(900), replicatedSince: nil, etagsAreComparable: true,
        listedAt: began.wall),
      examiner: nil,
      options: .init(parallel: arguments.count > 3 ? Int(arguments[3]) ?? 8 : 8), time: time)
    let done: ComparisonProgress
    do {
      done = try await comparison.run(from: ComparisonProgress(), findings: nil) { _ in }
    } catch {
      print(error)
      exit(1)
    }
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    let cpu = [usage.ru_utime, usage.ru_stime].reduce(0) { sum, time in
      sum + Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_usec)
    }
    let line: JSONValue = [
      "keys": .integer(Int64(done.tally.sourceObjects)), "same": .integer(Int64(done.tally.same)),
      "findings": .integer(Int64(done.tally.findings)),
      "wall_us": .integer((time.now().sinceBoot - began.sinceBoot) / 1_000),
      "cpu_us": .integer(cpu), "peak_kib": .integer(Int64(usage.ru_maxrss)),
    ]
    print(String(decoding: try line.canonicalBytes(), as: UTF8.self))
  }
}
