"""What RDS offers in a region, and how much of it an account may have."""
from . import xml
from .model import Form

CLASSES = ["db.t4g.medium", "db.m6g.large", "db.r6g.large", "db.r6g.xlarge"]
# The quotas of a new account (RDS User Guide, "Quotas and constraints").
MOST = {"DBInstances": 40, "ManualSnapshots": 100, "AllocatedStorage": 100_000}


class Offers:
    def do_DescribeOrderableDBInstanceOptions(self, region: str, form: Form) -> str:
        wanted = form.get("DBInstanceClass")
        fits = form["Engine"] in ("postgres", "aurora-postgresql") and form.get("EngineVersion", "15").split(".")[0] == "15"
        rows = [f"{xml.fields({'DBInstanceClass': name, 'StorageType': 'gp3', 'MultiAZCapable': True} | xml.ENGINE | {'Engine': form['Engine']})}"
                f"{xml.each('AvailabilityZones', 'AvailabilityZone', [{'Name': region + z} for z in 'abc'])}"
                for name in CLASSES if fits and wanted in (None, name)]
        return xml.some("OrderableDBInstanceOptions", [xml.some("OrderableDBInstanceOption", [r]) for r in rows])

    def do_DescribeAccountAttributes(self, region: str, _: Form) -> str:
        used = {"DBInstances": sum(r == region for r, _ in self.instances),
                "ManualSnapshots": sum(s.region == region and s.type == "manual" for s in self.snapshots),
                "AllocatedStorage": 100 * sum(r == region for r, _ in self.instances)}
        most = MOST | {f["name"]: f["max"] for f in self.faults.all()
                       if f["kind"] == "quota" and f.get("region", region) == region}
        return xml.each("AccountQuotas", "AccountQuota", [
            {"AccountQuotaName": name, "Used": used[name], "Max": most[name]} for name in MOST])
