public import RecoveryPlan

/// The systemd units by which one plan is drilled, or any plan as a template (systemd.unit(5)).
public struct SystemdUnits: Sendable {
  /// Longer than the longest time that a plan may give a run (30 days), in seconds.
  private static let longestRun = 31 * 86_400
  /// What a run that has reached its bound is still given to clean up, in seconds.
  private static let cleanup = 3_600

  private let plan: RecoveryPlan?
  private let schedule: DrillSchedule?

  /// The units of a plan that has a schedule.
  public init(of plan: RecoveryPlan, _ schedule: DrillSchedule) {
    self.plan = plan
    self.schedule = schedule
  }

  private init() { (plan, schedule) = (nil, nil) }

  /// The units of whatever plan is named behind the `@`: they ask every hour.
  public static var template: SystemdUnits { SystemdUnits() }

  /// The service and the timer.
  public var files: [TimerFile] {
    let name = "\(TimerFile.prefix)@\(plan?.name ?? "")"
    return [
      TimerFile(name: "\(name).service", text: service),
      TimerFile(name: "\(name).timer", text: timer),
    ]
  }

  private var timer: String {
    """
    [Unit]
    Description=Disaster recovery drill of plan %i, \(schedule?.shown ?? "when it is due")
    Documentation=man:mosaic-dr-schedule(1)

    [Timer]
    # Asks whether a drill is due, whenever one may begin: 'mosaic-dr schedule' tells when.
    OnCalendar=\(schedule.map { Knock(schedule: $0).onCalendar } ?? "hourly")
    Persistent=yes
    RandomizedDelaySec=\(schedule.map { Knock(schedule: $0).spread } ?? 5)m

    [Install]
    WantedBy=timers.target

    """
  }

  private var service: String {
    """
    [Unit]
    Description=Disaster recovery drill of plan %i
    Documentation=man:mosaic-dr-drill(1)
    Wants=network-online.target
    After=network-online.target

    [Service]
    Type=oneshot
    # The plan is /etc/mosaic-dr/plans/%i.yaml, unless the environment names another folder.
    ExecStart=/usr/bin/mosaic-dr drill --scheduled --plan %i
    Environment=MOSAIC_DR_STATE=/var/lib/mosaic-dr
    EnvironmentFile=-/etc/mosaic-dr/environment
    DynamicUser=yes
    StateDirectory=mosaic-dr
    StateDirectoryMode=0700
    # The plan bounds the run. The first SIGTERM makes a drill clean up, as long as the cloud takes.
    TimeoutStartSec=\(bound)s
    TimeoutStopSec=\(Self.cleanup)s
    KillMode=mixed

    \(Self.sandbox)

    """
  }

  private var bound: Int {
    plan.map { Int($0.timeout.components.seconds) + Self.cleanup } ?? Self.longestRun
  }

  /// What a drill does not need (systemd.exec(5)).
  private static let sandbox = """
    CapabilityBoundingSet=
    LockPersonality=yes
    MemoryDenyWriteExecute=yes
    NoNewPrivileges=yes
    PrivateDevices=yes
    PrivateTmp=yes
    PrivateUsers=yes
    ProtectClock=yes
    ProtectControlGroups=yes
    ProtectHome=yes
    ProtectHostname=yes
    ProtectKernelLogs=yes
    ProtectKernelModules=yes
    ProtectKernelTunables=yes
    ProtectProc=invisible
    ProtectSystem=strict
    RemoveIPC=yes
    RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
    RestrictNamespaces=yes
    RestrictRealtime=yes
    RestrictSUIDSGID=yes
    SystemCallArchitectures=native
    SystemCallErrorNumber=EPERM
    SystemCallFilter=@system-service
    SystemCallFilter=~@privileged @resources
    UMask=0077
    """
}
