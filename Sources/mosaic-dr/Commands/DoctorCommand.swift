import AWSClient
import Glibc
import Platform
import RunJournal

/// Looks whether this machine can run drills: state folder, journal, key, clock, plans, AWS settings.
/// It calls no service; that is what preflight does.
enum DoctorCommand {
  /// Below this, a journal and its reports may soon find no room; bytes.
  private static let leastFreeSpace: UInt64 = 256 << 20
  /// A clock that may be off by more than this makes RTO and RPO doubtful.
  private static let largestClockError: Duration = .seconds(1)

  private struct Finding {
    let isWell: Bool
    let what: String
    let detail: String
    let fix: String?

    static func well(_ what: String, _ detail: String) -> Finding {
      Finding(isWell: true, what: what, detail: detail, fix: nil)
    }

    static func ill(_ what: String, _ detail: String, fix: String) -> Finding {
      Finding(isWell: false, what: what, detail: detail, fix: fix)
    }
  }

  static func run(_ arguments: Arguments, _ terminal: Terminal) async throws -> ExitCode {
    let surroundings = Surroundings(arguments)
    var findings = [state(surroundings), journal(surroundings), space(surroundings)]
    findings.append(clock())
    findings += aws(surroundings)
    findings += plans(surroundings)
    for finding in findings {
      let mark = finding.isWell ? "ok " : terminal.paint("NO ", .red)
      terminal.output("\(mark) \(finding.what.rightPadded(13)) \(finding.detail)")
      if let fix = finding.fix { terminal.output("                  fix: \(fix)") }
    }
    return findings.allSatisfy(\.isWell) ? .success : .notReady
  }

  private static func state(_ surroundings: Surroundings) -> Finding {
    let folder = surroundings.stateFolder
    var status = stat()
    guard stat(folder, &status) == 0 else {
      return .well("state folder", "\(folder) is not there yet; the first run makes it")
    }
    guard access(folder, W_OK) == 0 else {
      return .ill("state folder", "\(folder) cannot be written", fix: "Check its owner and mode.")
    }
    let isShared = DurableFile.isForGroup(folder)
    guard status.st_mode & (isShared ? 0o007 : 0o077) == 0 else {
      return .ill(
        "state folder", "\(folder) is open to others",
        fix: isShared ? "chmod o= '\(folder)'" : "chmod 700 '\(folder)'")
    }
    return .well("state folder", isShared ? "\(folder), shared with its group" : folder)
  }

  private static func journal(_ surroundings: Surroundings) -> Finding {
    let path = "\(surroundings.stateFolder)/journal.sqlite"
    guard DurableFile.exists(path) else { return .well("journal", "none yet") }
    do {
      _ = try surroundings.journal()
      return .well("journal", "whole, and of a version that this program knows")
    } catch let error as any ExplainedError {
      return .ill("journal", "\(error.summary): \(error.reason)", fix: error.remedy)
    } catch {
      return .ill("journal", "\(error)", fix: "Check the file \(path).")
    }
  }

  private static func space(_ surroundings: Surroundings) -> Finding {
    var folder = surroundings.stateFolder
    while !DurableFile.exists(folder), folder != "/", folder != "." {
      folder = DurableFile.folder(of: folder)
    }
    var room = statvfs()
    guard statvfs(folder, &room) == 0 else {
      return .ill("disk", "\(folder) cannot be looked at", fix: "Check the file system.")
    }
    let free = UInt64(room.f_bavail) * UInt64(room.f_frsize)
    let text = "\(free >> 20) MiB free at \(folder)"
    return free >= leastFreeSpace
      ? .well("disk", text) : .ill("disk", text, fix: "Free space, or move the state folder.")
  }

  private static func clock() -> Finding {
    guard let error = SystemTime.maximumError() else {
      return .ill(
        "clock", "nothing keeps it synchronised",
        fix: "Start systemd-timesyncd, chrony or ntpd; RTO and RPO are only as good as the clock.")
    }
    return error <= largestClockError
      ? .well("clock", "synchronised to within \(error.readable)")
      : .ill(
        "clock", "may be off by \(error.readable)", fix: "Look at timedatectl, or chronyc tracking."
      )
  }

  private static func aws(_ surroundings: Surroundings) -> [Finding] {
    do {
      let settings = try AWSSettings(environment: surroundings.environment)
      var findings = [Finding.well("AWS", "profile \(settings.profile)")]
      if let bundle = settings.authorities {
        findings.append(
          access(bundle, R_OK) == 0
            ? .well("authorities", bundle)
            : .ill(
              "authorities", "\(bundle) cannot be read", fix: "Correct AWS_CA_BUNDLE or ca_bundle.")
        )
      }
      return findings
    } catch let error as any ExplainedError {
      return [.ill("AWS", "\(error.summary): \(error.reason)", fix: error.remedy)]
    } catch {
      return [.ill("AWS", "\(error)", fix: "Check ~/.aws/config.")]
    }
  }

  private static func plans(_ surroundings: Surroundings) -> [Finding] {
    let files: [String]
    do { files = try surroundings.knownPlans() } catch let error as any ExplainedError {
      return [.ill("plans", error.description, fix: error.remedy)]
    } catch {
      return [.ill("plans", "\(error)", fix: "Check the owner and the mode of the folder.")]
    }
    guard !files.isEmpty else {
      return [
        .well("plans", "none in the plans' folders; name one as a file, or set MOSAIC_DR_PLANS")
      ]
    }
    return files.map { file in
      do {
        let (plan, diagnostics) = try surroundings.read(file)
        guard plan == nil else { return .well("plan", file) }
        return .ill(
          "plan", "\(file): \(diagnostics.count) mistake(s)", fix: "mosaic-dr validate \(file)")
      } catch {
        return .ill("plan", "\(file): \(error)", fix: "Check the file's owner and mode.")
      }
    }
  }
}
