"""Start: open everything, then listen; end with exit code 101 when something cannot be opened."""

import os
import signal
import sys
import threading
import traceback

from . import VERSION, logs
from .catalogue import Catalogue
from .http_server import Server
from .server_state import State
from .settings import read_settings
from .snapshots import Snapshots

# The exit code of a Rust program that panicked.
_PANIC = 101
# A real server's flush_interval_sec; until then an update is in the write-ahead log only.
_FLUSH_SECONDS = 5


def main() -> None:
    """Serve until SIGTERM or SIGINT."""
    # Before anything is opened: process 1 of a container ignores signals nobody handles.
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    settings = read_settings()
    logs.info("qdrant", f"Version: {VERSION} (practice-ground stand-in)")
    catalogue = Catalogue(settings.storage)
    state = State(catalogue, Snapshots(catalogue, settings.snapshots))
    server = Server(settings, state)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    logs.info("qdrant::actix", f"Qdrant HTTP listening on {settings.port}")
    while not stopping.wait(_FLUSH_SECONDS):
        catalogue.flush()
    logs.info("qdrant", "Stopping: flushing the collections")
    server.shutdown()
    catalogue.close()
    sys.stderr.flush()
    os._exit(0)  # connections still open must not delay the stop


def _panic(error: BaseException) -> None:
    frame = traceback.extract_tb(error.__traceback__)[-1]
    where = f"file {frame.filename} at line {frame.lineno}"
    logs.error("qdrant::startup", f"Panic occurred in {where}: {error}")
    sys.stderr.flush()
    os._exit(_PANIC)


if __name__ == "__main__":
    try:
        main()
    except Exception as error:
        _panic(error)
