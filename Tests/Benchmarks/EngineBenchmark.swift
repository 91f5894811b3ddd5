import Glibc
import Platform
import RunEngine
import RunJournal
import StrictJSON

/// Measures the engine and the journal of the product with steps that do nothing.
///
///     engine-benchmark chain|fan N FOLDER        N durable steps, one after the other or all at once
///     engine-benchmark waiting N FOLDER SECONDS  N steps that wait
///     engine-benchmark drill N FOLDER            a drill of N steps, whose report can be written
///     engine-benchmark raw COMMITS ROWS FOLDER   the same commits, made with SQLite alone
///     engine-benchmark graph N                   the order and the critical path of N steps
@main
enum EngineBenchmark {
  static func main() async {
    do {
      let words = Array(CommandLine.arguments.dropFirst())
      guard words.count >= 2, let count = Int(words[1]) else { exit(2) }
      let result: JSONValue
      switch words[0] {
      case "chain":
        result = try await Workload(count: count, folder: words[2]).run {
          $0 == 0 ? [] : ["s\($0 - 1)"]
        }
      case "fan": result = try await Workload(count: count, folder: words[2]).run { _ in [] }
      case "waiting":
        result = try await Workload(count: count, folder: words[2])
          .wait(for: .seconds(Int(words[3]) ?? 30))
      case "drill": result = try await DrillWork(count: count, folder: words[2]).run()
      case "raw": result = try RawCommits.run(commits: count, rows: Int(words[2]) ?? 1, words[3])
      case "graph": result = try GraphWork.run(count: count)
      default: exit(2)
      }
      print(String(decoding: try result.canonicalBytes(), as: UTF8.self))
    } catch {
      print("failed: \(error)")
      exit(1)
    }
  }
}

/// What one measurement took; times in microseconds, memory in KiB.
struct Stopwatch {
  private let begun = SystemTime().now().sinceBoot
  private let processor = Stopwatch.processorTime()

  func result(_ more: JSONObject = [:]) -> JSONValue {
    var usage = rusage()
    getrusage(Int32(RUSAGE_SELF.rawValue), &usage)
    var result = more
    result["wall_us"] = .integer((SystemTime().now().sinceBoot - begun) / 1_000)
    result["cpu_us"] = .integer(Self.processorTime() - processor)
    result["peak_kib"] = .integer(Int64(usage.ru_maxrss))
    return .object(result)
  }

  private static func processorTime() -> Int64 {
    var usage = rusage()
    getrusage(Int32(RUSAGE_SELF.rawValue), &usage)
    return [usage.ru_utime, usage.ru_stime].reduce(0) {
      $0 + Int64($1.tv_sec) * 1_000_000 + Int64($1.tv_usec)
    }
  }
}
