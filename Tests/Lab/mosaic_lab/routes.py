"""REST services: what a request asks for is told by its method and its path."""
import re
from urllib.parse import unquote

ROUTES = [
    ("GET", r"/resources/([^/]+)/recovery-points/?", "ListRecoveryPointsByResource"),
    ("GET", r"/backup-vaults/([^/]+)/recovery-points/([^/]+)/restore-metadata",
     "GetRecoveryPointRestoreMetadata"),
    ("PUT", r"/restore-jobs", "StartRestoreJob"),
    ("GET", r"/restore-jobs/?", "ListRestoreJobs"),
    ("GET", r"/restore-jobs/([^/]+)", "DescribeRestoreJob"),
    ("GET", r"/restore-jobs/([^/]+)/metadata", "GetRestoreJobMetadata"),
    ("GET", r"/2013-04-01/hostedzonesbyname", "ListHostedZonesByName"),
    ("GET", r"/2013-04-01/hostedzone/([^/]+)/rrset/?", "ListResourceRecordSets"),
    ("POST", r"/2013-04-01/hostedzone/([^/]+)/rrset/?", "ChangeResourceRecordSets"),
    ("GET", r"/clusters/([^/]+)", "DescribeCluster"),
    ("GET", r"/clusters/([^/]+)/addons/([^/]+)", "DescribeAddon"),
    ("GET", r"/2013-04-01/change/([^/]+)", "GetChange"),
]


def find(method: str, path: str) -> tuple[str, list[str]]:
    """The action, and what the path names; both are empty when it is no call of these."""
    for verb, pattern, action in ROUTES:
        if verb == method and (found := re.fullmatch(pattern, path)):
            return action, [unquote(part) for part in found.groups()]
    return "", []
