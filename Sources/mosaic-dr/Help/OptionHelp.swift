/// What each option means, in a few words, for manual pages and completion.
enum OptionHelp {
  /// Options that every command takes.
  static let common = [
    UsageOption(name: "--plans", value: "DIR"), UsageOption(name: "--state", value: "DIR"),
    UsageOption(name: "--quiet", value: nil), UsageOption(name: "--verbose", value: nil),
    UsageOption(name: "--help", value: nil),
  ]

  /// The meaning of an option; nil for an unknown one.
  static func about(_ option: String) -> String? { meanings[option] }

  private static let meanings = [
    "--account": "the AWS account, when nobody is to be asked",
    "--against": "an earlier version of the plan, to tell what a change means",
    "--challenge": "a text that the report must contain",
    "--checkpoint": "an earlier checkpoint of the ledger that must still hold",
    "--detach-on-approval": "leave with exit code 5 when only people can move the run",
    "--dry-run": "say what would be done, and do nothing",
    "--evidence": "where evidence goes besides the disk: anchors, notices, telemetry",
    "--format": "how the answer is written",
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
    "--mode": "whether it is about a drill or a restore",
    "--namespace": "the namespace of Kubernetes (mosaic-dr)",
    "--new-key": "the key that takes over",
    "--orphans": "what drills that are over have left behind, found by its tags",
    "--output": "text for people, JSON for programs",
    "--parallel": "how many steps are under way at once",
    "--passphrase-file": "where the passphrase of the key stands",
    "--plan": "the plan: a name, looked up in the plans' folders, or a file",
    "--plans": "where plans are looked up first",
    "--point-in-time": "recover to this moment, RFC 3339, not to the latest before the loss",
    "--primary-lost": "refuse every call to the primary region",
    "--quiet": "only results, errors, and what a person has to do",
    "--reason": "why; it stands in the report",
    "--region": "only this region",
    "--run": "the run that the report must be of",
    "--scheduled": "only when the plan's schedule says so, as a timer asks",
    "--state": "where the journal is",
    "--systemd": "the folder of systemd units",
    "--template": "units for whatever plan is named, as the package has them",
    "--threshold": "how many trusted keys must have signed",
    "--trust": "the public keys that may have signed",
    "--unexpired": "also what an unknown run may still be using",
    "--verbose": "also every change that is about to be made",
    "--yes": "do not ask for confirmation",
  ]
}
