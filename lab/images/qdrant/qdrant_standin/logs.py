"""Log lines on stderr in the layout of a Qdrant server: time, level, module, message."""

import sys
import threading
from datetime import UTC, datetime

_lock = threading.Lock()


def _write(level: str, module: str, message: str) -> None:
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    with _lock:
        sys.stderr.write(f"{now} {level:>5} {module}: {message}\n")
        sys.stderr.flush()


def info(module: str, message: str) -> None:
    """Something worth knowing happened as intended."""
    _write("INFO", module, message)


def warn(module: str, message: str) -> None:
    """The server goes on, somebody should look."""
    _write("WARN", module, message)


def error(module: str, message: str) -> None:
    """Something failed."""
    _write("ERROR", module, message)
