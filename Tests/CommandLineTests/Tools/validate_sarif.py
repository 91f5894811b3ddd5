"""Exits with 0 when the file is SARIF 2.1.0 by sarif-pydantic, with no property that it does not know."""
import sys
from pathlib import Path

from pydantic import BaseModel
from sarif_pydantic import Sarif


def unknown(value, path="$"):
    if isinstance(value, BaseModel):
        yield from (f"{path}.{name}" for name in value.model_extra or {} if name != "$schema")
        for name in type(value).model_fields:
            yield from unknown(getattr(value, name), f"{path}.{name}")
    elif isinstance(value, list):
        for index, element in enumerate(value):
            yield from unknown(element, f"{path}[{index}]")


sys.exit(", ".join(unknown(Sarif.model_validate_json(Path(sys.argv[1]).read_text()))) or 0)
