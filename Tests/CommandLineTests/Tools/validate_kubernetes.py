"""Exits with 0 when every item of a List is what the API of Kubernetes 1.34 takes, with no other field."""
import json
import sys
from pathlib import Path

import kubernetes_validate

for item in json.loads(Path(sys.argv[1]).read_text())["items"]:
    kubernetes_validate.validate(item, "1.34", strict=True)
