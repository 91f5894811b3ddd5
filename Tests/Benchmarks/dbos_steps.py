"""The same steps that do nothing, with DBOS on SQLite: dbos_steps.py chain|fan N FOLDER."""
import json
import os
import resource
import sys
import time

from dbos import DBOS

shape, count, folder = sys.argv[1], int(sys.argv[2]), sys.argv[3]
DBOS(config={"name": "benchmark", "system_database_url": f"sqlite:///{folder}/dbos.sqlite",
             "log_level": "ERROR", "run_admin_server": False})


@DBOS.step()
def nothing(number: int) -> str:
    return "done"


@DBOS.workflow()
def one(number: int) -> str:
    return nothing(number)


@DBOS.workflow()
def chain() -> int:
    for number in range(count):
        nothing(number)
    return count


@DBOS.workflow()
def fan() -> int:
    for handle in [DBOS.start_workflow(one, number) for number in range(count)]:
        handle.get_result()
    return count


DBOS.launch()
begun = time.monotonic()
{"chain": chain, "fan": fan}[shape]()
seconds = time.monotonic() - begun
usage = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps({"wall_us": int(seconds * 1e6), "peak_kib": usage.ru_maxrss,
                  "cpu_us": int((usage.ru_utime + usage.ru_stime) * 1e6)}), flush=True)
os._exit(0)
