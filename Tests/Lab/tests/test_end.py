"""How the lab ends."""
import tempfile
import threading
import unittest
from pathlib import Path
from types import SimpleNamespace

from mosaic_lab.faults import Faults
from mosaic_lab.state import State


class EndTests(unittest.TestCase):
    def test_allServersAreEndedAtOnce(self):
        count = 12
        # Opens only when the last of them is being ended too.
        together = threading.Barrier(count, timeout=10)
        ended = []

        def kill():
            together.wait()
            ended.append(True)
        with tempfile.TemporaryDirectory() as folder:
            state = State(Path(folder) / "rds", Path(folder), Faults())
            for number in range(count):
                state.instances["us-east-1", str(number)] = SimpleNamespace(cluster=SimpleNamespace(kill=kill))
            state.stop()
        self.assertEqual(len(ended), count)
