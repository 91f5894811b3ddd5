"""Instances that there are: read, changed, rebooted, deleted."""
import time

from . import clusters, platform, xml
from .model import Form, Instance, RDSError, Snapshot
from .state import State

# Without ApplyImmediately these wait for the maintenance window; the others never do.
DEFERRED = {"DBInstanceClass", "MultiAZ", "AllocatedStorage", "StorageType"}


class Instances(State):
    def describe(self, instance: Instance) -> str:
        # A group that was attached a moment ago is at work still, for some looks.
        applying = (instance.parameters == "pending-reboot"
                    and self.faults.take("applying", instance.name) is not None)
        return xml.instance(instance, self.home(instance), self.replicas(instance),
                            "applying" if applying else instance.parameters)

    def do_DescribeDBInstances(self, region, form):
        if name := form.get("DBInstanceIdentifier"):
            found = [self.instance(region, name)]
        else:
            found = [i for (r, _), i in self.instances.items() if r == region]
        return xml.some("DBInstances", [self.describe(i) for i in found])

    def do_DescribeEvents(self, region, form):
        name, kind = form.get("SourceIdentifier"), form.get("SourceType")
        if name and not kind:
            raise RDSError("InvalidParameterCombination", "SourceIdentifier needs a SourceType.")
        everything = [*self.instances.values(), *self.snapshots, *self.clusters.values()]
        found = [s for s in everything if s.region == region
                 and kind in (None, s.kind) and (not name or s.name == name.lower())]
        return xml.each("Events", "Event", [
            {"SourceIdentifier": s.name, "SourceType": s.kind, "Message": message, "Date": at,
             "SourceArn": s.arn} for s in found for at, message in s.events])

    def do_ModifyDBInstance(self, region, form):
        instance = self.available(region, form["DBInstanceIdentifier"])
        wanted = {k: v for k, v in form.items() if instance.values.get(k, v) != v and k in instance.values}
        for shown, asked in (("PerformanceInsightsEnabled", "EnablePerformanceInsights"),
                             ("IAMDatabaseAuthenticationEnabled", "EnableIAMDatabaseAuthentication")):
            if form.get(asked):
                wanted[shown] = form[asked]
        if groups := form.members("VpcSecurityGroupIds"):
            wanted["security"] = groups
        if logs := form.members("CloudwatchLogsExportConfiguration.EnableLogTypes"):
            wanted["exports"] = sorted({*instance.values.get("exports", []), *logs})
        if group := form.get("DBParameterGroupName"):
            platform.check_groups(region, None, group)
            wanted["parameters"] = group
        later = {k for k in wanted if k in DEFERRED or k == "BackupRetentionPeriod"
                 and "0" in (wanted[k], instance.values[k])}
        instance.pending |= {k: wanted.pop(k) for k in later}
        self.begin(self.change, instance, wanted, form.wants("ApplyImmediately"))
        return self.describe(instance)

    def change(self, instance: Instance, wanted: dict, immediately: bool) -> None:
        if not wanted and not immediately:
            return
        # As with RDS, the status stays what it was for a moment.
        time.sleep(0.5)
        instance.turn("available", "modifying")
        time.sleep(1)
        with self.lock:
            if wanted.get("parameters", instance.values["parameters"]) != instance.values["parameters"]:
                instance.parameters = "pending-reboot"
            instance.values |= wanted
            if immediately:
                self.apply(instance)
            instance.turn("modifying", "available")

    def apply(self, instance: Instance) -> None:
        instance.values |= instance.pending
        instance.pending = {}

    def do_RebootDBInstance(self, region, form):
        instance = self.available(region, form["DBInstanceIdentifier"])
        if form.wants("ForceFailover") and instance.values["MultiAZ"] != "true":
            raise RDSError("InvalidParameterCombination", "ForceFailover needs a Multi-AZ instance.")
        instance.status = "rebooting"
        self.begin(self.fail_over if form.wants("ForceFailover") else self.reboot, instance)
        return self.describe(instance)

    def reboot(self, instance: Instance) -> None:
        try:
            instance.cluster.restart()
        except Exception as problem:
            instance.note(f"Restart failed: {problem}")
            instance.turn("rebooting", "failed")
            return
        time.sleep(1)
        with self.lock:
            self.apply(instance)
            instance.parameters = "in-sync"
            instance.note("DB instance restarted")
            instance.turn("rebooting", "available")

    def tagged(self, given: str):
        everything = [*self.instances.values(), *self.snapshots, *self.clusters.values()]
        found = [s for s in everything if s.arn == given]
        if not found:
            raise RDSError("DBInstanceNotFound", f"{given} not found.", 404)
        return found[0]

    def do_AddTagsToResource(self, region, form):
        self.tagged(form["ResourceName"]).tags |= form.tags()
        return ""

    def do_DeleteDBInstance(self, region, form):
        instance = self.instance(region, form["DBInstanceIdentifier"])
        if instance.values["DeletionProtection"] == "true":
            raise RDSError("InvalidParameterCombination", "Cannot delete protected DB Instance, please "
                           "disable deletion protection and try again.")
        if instance.status == "deleting":
            raise RDSError("InvalidDBInstanceState", f"Instance {instance.name} is being deleted.")
        final = self.final_snapshot(instance, form)
        instance.status = "deleting"
        self.begin(self.delete, instance, final, form.get("DeleteAutomatedBackups") != "false")
        return self.describe(instance)

    def final_snapshot(self, instance: Instance, form: Form) -> Snapshot | None:
        if form.wants("SkipFinalSnapshot") == ("FinalDBSnapshotIdentifier" in form):
            raise RDSError("InvalidParameterCombination",
                           "Exactly one of FinalDBSnapshotIdentifier and SkipFinalSnapshot is required.")
        if form.wants("SkipFinalSnapshot"):
            return None
        if not instance.cluster:
            raise RDSError("InvalidDBInstanceState", f"Instance {instance.name} has nothing to keep.")
        name = self.unused(instance.region, form, "FinalDBSnapshotIdentifier")
        return self.add(Snapshot(instance.region, name, instance.name, instance.resource,
                                 self.place("snapshots"), instance.kms))

    def delete(self, instance: Instance, final: Snapshot | None, with_backups: bool) -> None:
        if final:
            self.take(final, instance)
        time.sleep(1)
        with self.lock:
            self.instances.pop((instance.region, instance.name), None)
            clusters.forget(instance)
            self.outlive(instance, with_backups)
        if instance.cluster:
            instance.cluster.remove()
