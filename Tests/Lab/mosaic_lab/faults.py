"""Faults that tests ask for: each is taken a bounded number of times."""
import re
import threading


class Faults:
    def __init__(self) -> None:
        self._faults: list[dict] = []
        self._lock = threading.Lock()

    def add(self, fault: dict) -> None:
        with self._lock:
            self._faults.append({"count": 1} | fault)

    def clear(self, fields: dict | None = None) -> None:
        """All, or those that have these fields."""
        with self._lock:
            self._faults = [f for f in self._faults if not (fields or {}).items() <= f.items()]

    def all(self) -> list[dict]:
        with self._lock:
            return list(self._faults)

    def take(self, kind: str, instance: str = "", action: str = "", region: str = "") -> dict | None:
        """The first fault that fits, used up by one; None when there is none."""
        with self._lock:
            for fault in self._faults:
                fits = (fault["kind"] == kind and fault["count"] != 0
                        and re.search(fault.get("instance", ""), instance or "")
                        and fault.get("action", action) == action
                        and fault.get("region", region) == region)
                if fits:
                    fault["count"] -= 1 if fault["count"] > 0 else 0
                    return dict(fault)
        return None

    def take_if(self, fits) -> dict | None:
        """The first fault that a test of it takes, used up by one; None when there is none."""
        with self._lock:
            for fault in self._faults:
                if fault["count"] != 0 and fits(fault):
                    fault["count"] -= 1 if fault["count"] > 0 else 0
                    return dict(fault)
        return None

    def holds(self, instance: str, kind: str = "hold") -> bool:
        """Such a fault lasts until it is cleared."""
        return any(f["kind"] == kind and re.search(f.get("instance", ""), instance)
                   for f in self.all())
