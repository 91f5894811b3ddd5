"""Validates OSCAL assessment results with compliance-trestle, and what it does not look at."""
import json
import sys
import tempfile
from pathlib import Path

from trestle.oscal.assessment_results import AssessmentResults

document = json.loads(Path(sys.argv[1]).read_text())
results = AssessmentResults.model_validate(document["assessment-results"])
known, used = set(), set()


def walk(node):
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "uuid":
                assert value not in known, f"{value} names two things"
                known.add(value)
            elif key.endswith("-uuid"):
                used.add(value)
            elif key == "party-uuids":
                used.update(value)
            elif key == "href" and value.startswith("#"):
                used.add(value[1:])
            walk(value)
    elif isinstance(node, list):
        for value in node:
            walk(value)


walk(document)
assert used <= known, f"dangling: {used - known}"
print(len(results.results), "results hold")
