/// What each option means, in a few words, for manual pages and completion.
enum OptionHelp {
  /// Options that every command takes.
  static let common = [
    UsageOption(name: "--plans", value: "DIR"), UsageOption(name: "--state", value: "DIR"),
    UsageOption(name: "--quiet", value: nil), UsageOption(name: "--verbose", value: nil),
    UsageOption(name: "--help", value: nil),
  ]

  /// The meaning of an option; nil for an unknown one.
  ///
  /// - Parameter command: the command that it is given to; nil for what all of them take.
  static func about(_ option: String, of command: String? = nil) -> String? {
    command.flatMap { ownMeanings[$0]?[option] } ?? meanings[option]
  }

  /// What an option means to one command alone.
  private static let ownMeanings = [
    "cleanup": ["--plan": "with --orphans: in the regions of this plan"],
    "keys": ["--key": "the key; a file is made when it is not there"],
    "ledger": [
      "--key": "the key that hands over", "--plans": "the plans whose drills must be there",
    ],
    "permissions": [
      "--format": "iam for AWS (the default), rbac for Kubernetes",
      "--mode": "what the rights are for (drill)",
    ],
    "report": ["--plan": "the name of the plan whose runs are listed"],
    "runs": ["--plan": "only the runs of the plan of this name"],
    "schedule": ["--plan": "only this plan: a name, looked up in the plans' folders, or a file"],
    "sign": ["--key": "the approver's key"],
    "verify": ["--plan": "the plan that the report must be of: its name, or its file's SHA-256"],
  ]

  private static let meanings = [
    "--account": "the AWS account, when nobody is to be asked",
    "--against": "an earlier version of the plan, to tell what a change means",
    "--challenge": "a text that the report must contain",
    "--checkpoint": "an earlier checkpoint of the ledger that must still hold",
    "--detach-on-approval": "leave with exit code 5 when only people can move the run",
    "--dry-run": "say what would be done, and do nothing",
    "--evidence": "where evidence goes besides the disk: anchors, notices, telemetry",
    "--format": "how the answer is written; the first is the default",
    "--help": "show how the command is used",
    "--image": "the container image that has this program",
    "--incident-time":
      "when the service was lost, RFC 3339; RTO and RPO count from it, no later data is taken",
    "--keep-days": "keep the events of runs that are younger",
    "--key": "the signing key",
    "--max-age": "the oldest report to accept",
    "--max-regression": "how much worse than before RTO and RPO may be",
    "--kubernetes": "the folder of CronJob manifests",
    "--ledger-key": "the Ed25519 key of the ledger, when the reports' key is another kind",
    "--mode": "whether it is about a drill (the default) or a restore",
    "--namespace": "the namespace of Kubernetes (mosaic-dr)",
    "--new-key": "the key that takes over",
    "--orphans": "what drills that are over have left behind, found by its tags",
    "--output": "text for people, JSON for programs",
    "--parallel": "how many steps are under way at once",
    "--passphrase-file": "where the passphrase of the key stands",
    "--plan": "the plan: a name, looked up in the plans' folders, or a file",
    "--plans":
      "where plans are looked up first, before $MOSAIC_DR_PLANS, ./plans and /etc/mosaic-dr/plans",
    "--point-in-time": "recover to this moment, RFC 3339, not to the latest before the loss",
    "--primary-lost": "refuse every call to the primary region",
    "--quiet": "only results, errors, and what a person has to do",
    "--reason": "why; it stands in the report",
    "--region": "only this region",
    "--run": "the run that the report must be of",
    "--scheduled": "only when the plan's schedule says so, as a timer asks",
    "--state": "where the journal is (else $MOSAIC_DR_STATE, or the XDG state folder)",
    "--systemd": "the folder of systemd units",
    "--template": "units for whatever plan is named, as the package has them",
    "--threshold": "how many trusted keys must have signed",
    "--trust": "the public keys that may have signed",
    "--unexpired": "also what an unknown run may still be using",
    "--verbose": "also every change that is about to be made",
    "--yes": "do not ask for confirmation",
  ]
}
