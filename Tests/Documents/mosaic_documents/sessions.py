"""How the commands of each page are run: the one place that says what is left out, and why."""
import re
from dataclasses import dataclass, field

INSTALLS = "installs packages and builds; a bare machine is checked with it by hand"
OWN_RUN = "is a job of its own of scripts/test, or takes minutes"
NO_SYSTEMD = "no systemd runs here; Tests/Package/test verifies the units"
NO_CLUSTER_OF_EKS = "needs EKS, or a program that is no Debian or Python package"
READERS_OWN = "is of the reader's own account; the session has the lab's"
NOT_PLAYED = "the emulator does not play this call"

# A block is found by its page and one of its lines.
LEFT_OUT = {
    ("README.md", "./scripts/test   # installs what is missing, runs all tests"): INSTALLS,
    ("docs/tutorial.md", "scripts/install-dependencies build lab"): INSTALLS,
    ("docs/tutorial.md", "create role mosaic_dr login password '…';"):
        "the lab gives nobody the administrator of its database",
    ("docs/tutorial.md", "subnets=\"subnet-… subnet-…\" vpc=vpc-… host=10.0.12.34"): READERS_OWN,
    ("docs/tutorial.md", "curl -sSO https://truststore.pki.rds.amazonaws.com/global/global-bundle.pem"): READERS_OWN,
    ("docs/commands.md", "mosaic-dr undo 01ARZ3NDEKTSV4RRFFQ69G5FAV"):
        "needs a restore that has led users over; CutOverTests makes and undoes one",
    ("runbooks/declare-incident.md", "systemctl stop 'mosaic-dr-drill@*.timer'"): NO_SYSTEMD,
    ("runbooks/rebuild-eks.md", "eksctl create cluster -f cluster.yaml"): NO_CLUSTER_OF_EKS,
    ("runbooks/rotate-access.md", "aws cloudtrail lookup-events --region us-east-1 --start-time \"$(date -u -d '1 day ago' +%FT%TZ)\" \\"): NOT_PLAYED,
    ("runbooks/rotate-access.md", "printf \"alter role mosaic_app password '%s'\" \"$new\" | psql --no-psqlrc \"${database/user=mosaic_dr/user=mosaic_admin}\""):
        "the lab gives nobody the administrator of its database",
    ("runbooks/rotate-access.md", "aws eks list-access-entries --cluster-name mosaic-dr --output text"): NOT_PLAYED,
    ("runbooks/rotate-access.md", "aws kms rotate-key-on-demand --key-id \"$key_id\""): NOT_PLAYED,
}

# What stands in examples for something that a reader has: the shell's words for it.
RUN = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
STANDS_FOR = (
    (RUN, '"$(last)"'), ("RUN", '"$(last)"'), ("FOLDER", '"$(folder)"'),
    ("KEYS", '"$MOSAIC_DR_STATE/signing.key.pub.pem"'),
    ("2026-11-24T02:47:00Z", '"$lost"'), ("2026-11-24T02:30:00Z", '"$lost"'),
    # How long a drill takes is no matter of tests.
    ("20%", "10000%"),
)

# The last drill that has ended, its report, and the moment of a loss.
KNOWN = """
last() { mosaic-dr runs | awk '$3 == "drill" && $5 == "finished" && !n++ { print $1 }'; }
folder() { echo "$MOSAIC_DR_STATE"/reports/rds-prod/*-drill-"$(last)"; }
lost=$(date -u +%FT%TZ)
"""

DRILLED = "mosaic-dr drill --plan rds-prod\n"

# A drill that waits for an approval.
WAITING = """
sed 's/^  objectives:/  timeout: 5m\\n  approvals: {drill: 1}\\n&/' plans/rds-prod.yaml > approved.yaml
wait_for_people() {
  mosaic-dr drill --plan ./approved.yaml --detach-on-approval || [ $? = 5 ]
  mosaic-dr runs | awk 'NR == 1 { print $1 }'
}
waiting=$(wait_for_people | tail -n 1)
"""

# One of each kind of run that examples are about, an earlier version of the plan, a copy of a report, an agent.
REFERENCE = """
drilled=$(last)
last() { echo "$drilled"; }
approved=$(wait_for_people | tail -n 1) doomed=$(wait_for_people | tail -n 1)
mosaic-dr approve "$approved" approval
sed 's/dr-private/not-there/' plans/rds-prod.yaml > wrong.yaml
mosaic-dr restore --plan ./wrong.yaml --yes || [ $? = 4 ]
failed=$(mosaic-dr runs | awk 'NR == 1 { print $1 }')
setsid mosaic-dr drill --plan ./approved.yaml > live 2>&1 < /dev/null &
until mosaic-dr runs | grep -q running; do sleep 0.2; done
live=$(mosaic-dr runs | awk '/running/ { print $1 }')
mkdir old units deploy
mosaic-dr schedule write --kubernetes deploy --image registry.example/mosaic-dr:0.1.0
sed 's/db.r6g.large/db.r6g.xlarge/' plans/rds-prod.yaml > old/rds-prod.yaml
cp "$MOSAIC_DR_STATE/signing.key.pub.pem" "$MOSAIC_DR_STATE/ledger/checkpoint" .
for name in drills approver; do ssh-keygen -q -t ed25519 -N '' -C $name -f $name; done
"""

# A drill was run after a checkpoint of the ledger was kept; the reader is in the folder of its report.
DRILLED_SINCE = f"""
cp "$MOSAIC_DR_STATE/ledger/checkpoint" kept
{DRILLED}
mosaic-dr ledger prove --checkpoint kept > consistency
mv kept consistency "$(folder)"
cd "$(folder)"
KEY=$MOSAIC_DR_STATE/signing.key.pub.pem PUB=key.pub
"""

# The application runs; in a namespace of its own, since pages are run side by side.
APPLICATION = """
namespace=documents-$$
kubectl --context eks-dr create namespace "$namespace"
for name in api worker; do kubectl --context eks-dr -n "$namespace" create deployment $name --image=$name; done
"""
IN_ITS_NAMESPACE = (("-n mosaic", '-n "$namespace"'),)

# A role, and a person with a key.
IDENTITIES = """
aws iam create-role --role-name mosaic-api --assume-role-policy-document '{"Version": "2012-10-17", "Statement": []}'
aws iam create-user --user-name deploy
aws iam create-access-key --user-name deploy --query AccessKey.AccessKeyId
"""

# Nobody may write to the replica, and the application is told its bucket by a secret.
GUARDED_REPLICA = """
aws s3api put-bucket-policy --region us-west-2 --bucket mosaic-media-dr --policy \\
  '{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject",
    "Resource": "arn:aws:s3:::mosaic-media-dr/.promoted"}]}'
aws secretsmanager create-secret --region us-west-2 --name prod/media --secret-string '{}'
"""


@dataclass(frozen=True)
class Session:
    """One shell from top to bottom of a page, unless each line is to be run by itself."""
    before: str = ""
    after: str = ""
    each: str = ""
    typed: str | None = None
    stands_for: tuple[tuple[str, str], ...] = ()
    # Commands that say with their exit code that something is not well here.
    ends: dict[str, int] = field(default_factory=dict)
    within: tuple[str, ...] = ()
    is_reference: bool = False
    # The reader begins another shell with this line, which is played side by side with the first.
    new_shell: str | None = None
    before_new: str = ""

    @property
    def beginning(self) -> str:
        return KNOWN + self.before

    def ended(self, line: str) -> str:
        command = line.partition("  #")[0].rstrip()
        return f"{command} || [ $? = {self.ends[command]} ]" if command in self.ends else line

    def said(self, text: str) -> str:
        text = "\n".join(map(self.ended, text.split("\n")))
        for words, command in (*self.stands_for, *STANDS_FOR):
            text = re.sub(rf"(?<![\w.-]){re.escape(words)}(?![\w-])", lambda _: command, text)
        return text


# The page loses its lab's database; the reader's own account is the lab that the test has.
OWN_LAB = """
of_the_page=$(mktemp -d)
chmod 755 "$of_the_page"
export MOSAIC_LAB=$of_the_page/lab
trap 'MOSAIC_LAB=$of_the_page/lab scripts/lab down || true; rm -rf "$of_the_page"' EXIT
"""

# What the reader chooses.
SUBNETS = """
chosen() { aws ec2 describe-subnets --region us-west-2 --query "$1" --output text; }
subnets=$(chosen 'Subnets[:2].SubnetId') vpc=$(chosen 'Subnets[0].VpcId') host=10.0.12.34
"""

# A clone in which a plan was changed since the main branch.
BRANCH = """
git init -q -b main
git add plans
git -c user.name=a -c user.email=a@b.example commit -qm 'The plans'
git update-ref refs/remotes/origin/main HEAD
sed -i 's/db.r6g.large/db.r6g.xlarge/' plans/rds-prod.yaml
export GITHUB_BASE_REF=main
"""

# Steps of a workflow that only GitHub can run.
OF_GITHUB = ("sudo apt-get install", "gh ")

SESSIONS = {
    # The copy must be as good as what it was made of.
    "docs/operations.md": Session(before=DRILLED, after='mosaic-dr report "$(last)"\nmosaic-dr verify "$(folder)"\n'),
    "runbooks/declare-incident.md": Session(before=DRILLED),
    "runbooks/decide-failover.md": Session(before=DRILLED),
    "docs/review.md": Session(before=BRANCH, after="grep -q xlarge change.md\n"),
    "docs/tutorial.md": Session(
        before=OWN_LAB, new_shell="export MOSAIC_DR_STATE=$HOME/.local/state/mosaic-dr", before_new=SUBNETS),
    "docs/commands.md": Session(
        before=DRILLED + WAITING + REFERENCE, is_reference=True, typed="rds-prod",
        # Nothing keeps the clock of a container; nobody has drilled most plans here.
        ends={"mosaic-dr doctor": 7, "mosaic-dr schedule": 7},
        # An agent ends with the command that it is started for.
        within=("ssh-agent",), each="ssh-add -q drills approver 2> /dev/null || true\n",
        stands_for=(
            (f"resume {RUN}", 'resume "$approved"'), (f"cancel {RUN}", 'cancel "$doomed"'),
            (f"approve {RUN}", 'approve "$waiting"'), (f"skip {RUN}", 'skip "$waiting"'),
            (f"pause {RUN}", 'pause "$live"'), (f"retry {RUN}", 'retry "$failed"'),
            ("verify report.json.zst", 'verify "$(folder)/report.json.zst"'),
            ("reports/rds-prod/RUN", '"$(folder)"'), ("--trust keys", "--trust KEYS"),
            ("--checkpoint kept", "--checkpoint checkpoint"),
            ("/etc/systemd/system", "units"), ("/etc/bash_completion.d/mosaic-dr", "bash_completion"))),
    "README.md": Session(
        before=WAITING + 'mosaic-dr approve "$waiting" approval\n', typed="rds-prod",
        ends={"mosaic-dr schedule": 7},
        stands_for=(("mosaic-dr resume RUN", 'mosaic-dr resume "$waiting"'),)),
    "docs/verification.md": Session(before=WAITING + DRILLED_SINCE),
    # The lab is younger than ten minutes.
    "runbooks/restore-rds.md": Session(
        before=APPLICATION, stands_for=(*IN_ITS_NAMESPACE, ("10 minutes ago", "1 second ago")), typed="rds-prod"),
    "runbooks/rotate-access.md": Session(before=APPLICATION + IDENTITIES + WAITING, stands_for=IN_ITS_NAMESPACE),
    "runbooks/promote-s3-replica.md": Session(
        before=APPLICATION + GUARDED_REPLICA, stands_for=IN_ITS_NAMESPACE, within=("scripts/with-s3-lab",)),
}
