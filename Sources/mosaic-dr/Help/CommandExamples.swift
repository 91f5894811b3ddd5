/// Command lines as people type them, for `--help` and manual pages.
enum CommandExamples {
  /// What stands for a run in examples.
  static let run = "01ARZ3NDEKTSV4RRFFQ69G5FAV"

  /// The examples of a command; every command has at least one.
  static func of(_ command: String) -> [String] {
    (arguments[command] ?? []).map {
      $0.isEmpty ? "mosaic-dr \(command)" : "mosaic-dr \(command) \($0)"
    }
  }

  private static let arguments = [
    "validate": ["plans/rds-prod.yaml", "plans/rds-prod.yaml --format sarif"],
    "plan": [
      "--plan rds-prod", "--plan rds-prod --mode restore --format mermaid",
      "--plan rds-prod --against old/rds-prod.yaml",
    ],
    "schema": ["", "--format markdown"],
    "preflight": ["--plan rds-prod", "--plan rds-prod --primary-lost --output json"],
    "permissions": [
      "--plan rds-prod --mode drill --account 123456789012", "--plan eks-prod --format rbac",
    ],
    "drill": [
      "--plan rds-prod", "--plan rds-prod --incident-time 2026-11-24T02:47:00Z",
      "--plan rds-prod --primary-lost --max-regression 20%",
      "--plan rds-prod --output json --quiet",
    ],
    "restore": [
      "--plan rds-prod --incident-time 2026-11-24T02:47:00Z",
      "--plan rds-prod --point-in-time 2026-11-24T02:30:00Z --yes",
    ],
    "resume": [run],
    "cleanup": [run, "--orphans --region us-west-2"],
    "undo": [run, "\(run) --yes"],
    "approve": ["\(run) approval"],
    "pause": [run],
    "cancel": [run],
    "retry": ["\(run) core-db.target"],
    "skip": ["\(run) core-db.heartbeat --reason \"the table was renamed\""],
    "runs": ["", "--plan rds-prod", "prune --keep-days 400 --dry-run"],
    "show": [run],
    "watch": [run, "\(run) --output json"],
    "report": [
      run, "\(run) --format html > report.html", "trend --plan rds-prod", "index portal",
    ],
    "schedule": [
      "", "--plan rds-prod --output json", "write --systemd /etc/systemd/system",
      "check --kubernetes deploy --image registry.example/mosaic-dr:0.1.0",
    ],
    "verify": ["reports/rds-prod/RUN --trust keys", "report.json.zst --trust signing.key.pub.pem"],
    "sign": ["reports/rds-prod/RUN --key agent:approver"],
    "ledger": [
      "", "verify --trust keys --checkpoint kept --plans plans",
      "prove --checkpoint kept > consistency", "anchor",
    ],
    "keys": ["", "--key agent:drills"],
    "runbook": ["--plan rds-prod > runbooks/rds-prod.md"],
    "doctor": [""],
    "completion": ["bash > /etc/bash_completion.d/mosaic-dr"],
    "manual": ["drill > mosaic-dr-drill.1", "--format markdown"],
  ]
}
