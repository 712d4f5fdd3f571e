"""JSON files that are either the old or the new version, never half of one."""

import os
from pathlib import Path
from typing import Any

import orjson


def read_json(path: Path) -> Any:
    """Parse a file; raises OSError or ValueError."""
    return orjson.loads(path.read_bytes())


def write_json(path: Path, value: Any) -> None:
    """Write beside, sync, rename: a kill at any moment leaves a whole file."""
    write_bytes(path, orjson.dumps(value))


def write_bytes(path: Path, content: bytes) -> None:
    """As write_json, for content that is not JSON."""
    beside = path.with_name(f".{path.name}.new")
    with beside.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    beside.rename(path)
