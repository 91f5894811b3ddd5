import RecoveryPlan

/// A file that makes something else start drills, as it is to stand in a folder.
public struct TimerFile: Sendable, Equatable {
  /// Its name.
  public let name: String
  /// Its text.
  public let text: String

  /// What the names of all these files begin with, and none of anybody else's.
  public static let prefix = "mosaic-dr-drill"
}

/// When a timer asks whether a drill is due: whenever one may begin. It is not the timer that decides,
/// since no calendar expression knows blackouts, or that a missed drill is to be made good.
struct Knock {
  /// How long drills of a plan without a window are spread over, in minutes.
  private static let spreadWithoutWindow = 120

  let schedule: DrillSchedule

  private var opening: Int { schedule.window?.opening ?? 0 }
  private var hour: Int { opening / 60 }
  private var minute: Int { opening % 60 }

  /// How late a timer may be on purpose, so that not all begin at once: the first quarter of the window.
  var spread: Int { min(Self.spreadWithoutWindow, (schedule.window?.minutes ?? 1_440) / 4) }

  /// How long after the time a start still makes sense, in seconds.
  var deadline: Int { (schedule.window?.minutes ?? 1_440) * 60 }

  /// As systemd.time(7) writes it.
  var onCalendar: String {
    let day = schedule.window?.weekday.map { "\(DrillWindow.weekdays[$0]) " } ?? ""
    return "\(day)*-*-* \(twoDigits(hour)):\(twoDigits(minute)):00 UTC"
  }

  /// As crontab(5) writes it: 0 is Sunday.
  var cron: String {
    "\(minute) \(hour) * * \(schedule.window?.weekday.map { "\(($0 + 1) % 7)" } ?? "*")"
  }

  private func twoDigits(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
