"""The same steps that do nothing, with Temporal's development server on SQLite: temporal_steps.py N FOLDER."""
import asyncio
import json
import os
import resource
import socket
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

QUEUE = "benchmark"


@activity.defn
async def nothing(number: int) -> str:
    return "done"


@workflow.defn
class Chain:
    @workflow.run
    async def run(self, count: int) -> int:
        for number in range(count):
            await workflow.execute_activity(nothing, number, start_to_close_timeout=timedelta(seconds=60))
        return count


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


async def connect(address: str) -> Client:
    for _ in range(300):
        try:
            return await Client.connect(address)
        except RuntimeError:
            await asyncio.sleep(0.1)
    raise SystemExit("Temporal's server does not answer")


async def measure(address: str, count: int) -> float:
    client = await connect(address)
    async with Worker(client, task_queue=QUEUE, workflows=[Chain], activities=[nothing],
                      workflow_runner=UnsandboxedWorkflowRunner()):
        # The first workflow warms caches on both sides; it is not counted.
        await client.execute_workflow(Chain.run, 1, id="warm-up", task_queue=QUEUE)
        begun = time.monotonic()
        await client.execute_workflow(Chain.run, count, id="chain", task_queue=QUEUE)
        return time.monotonic() - begun


def main() -> None:
    count, folder = int(sys.argv[1]), sys.argv[2]
    port = free_port()
    server = subprocess.Popen(
        [Path(sys.executable).parent / "temporal", "server", "start-dev", "--headless", "--ip", "127.0.0.1",
         "--port", str(port), "--http-port", str(free_port()), "--metrics-port", str(free_port()),
         "--db-filename", f"{folder}/temporal.sqlite", "--log-level", "never"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        seconds = asyncio.run(measure(f"127.0.0.1:{port}", count))
    finally:
        server.terminate()
        _, _, of_server = os.wait4(server.pid, 0)
    own = resource.getrusage(resource.RUSAGE_SELF)
    cpu = sum(usage.ru_utime + usage.ru_stime for usage in (own, of_server))
    print(json.dumps({"wall_us": int(seconds * 1e6), "cpu_us": int(cpu * 1e6),
                      "peak_kib": own.ru_maxrss + of_server.ru_maxrss}), flush=True)
    # The client library may crash while the interpreter winds down; the result is out.
    os._exit(0)


main()
