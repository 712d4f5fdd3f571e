"""One shard of a collection: the folder ``0/`` with its segments and write-ahead log."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import qdrant_edge as edge

from .collection_config import Config, engine_config
from .engine_calls import engine_call
from .errors import StartFailure
from .json_files import read_json

# A new collection on a two-core server has two appendable segments.
_SEGMENTS_OF_A_NEW_SHARD = 2


def create_shard_files(path: Path, config: Config) -> None:
    """Write an empty shard: the engine makes one segment, the others are borrowed."""
    settings = engine_config(config)
    first = edge.EdgeShard.create(str(path), settings)
    # A real server has used up number 0 when the first update of a client arrives.
    first.update(edge.UpdateOperation.delete_points([]))
    first.close()
    for number in range(1, _SEGMENTS_OF_A_NEW_SHARD):
        donor = path.with_name(f".{path.name}.segment-{number}")
        edge.EdgeShard.create(str(donor), settings).close()
        for segment in (donor / "segments").iterdir():
            segment.rename(path / "segments" / segment.name)
        shutil.rmtree(donor)


class Shard:
    """An open shard. Calls raise ApiError; loading raises whatever the engine says."""

    def __init__(self, path: Path, config: Config) -> None:
        _require_id_mappings(path)
        self._engine = edge.EdgeShard.load(str(path), engine_config(config))
        self._engine.flush()
        self._last_operation = _last_operation(path)

    def apply(self, operation: edge.UpdateOperation) -> int:
        """Log and perform an update; returns its number in the write-ahead log."""
        with engine_call():
            self._engine.update(operation)
        self._last_operation += 1
        return self._last_operation

    def info(self) -> edge.ShardInfo:
        """Counts and the payload indexes in the segments."""
        with engine_call():
            return self._engine.info()

    def count(self, condition: edge.Filter | None) -> int:
        """The exact number of points."""
        with engine_call():
            return self._engine.count(edge.CountRequest(exact=True, filter=condition))

    def scroll(self, request: edge.ScrollRequest) -> tuple[list[edge.Record], Any]:
        """A page in id order and the id the next page starts with."""
        with engine_call():
            return self._engine.scroll(request)

    def retrieve(self, ids: list[Any], with_payload: Any, with_vector: Any) -> list[edge.Record]:
        """Points by id; ids that do not exist are left out."""
        with engine_call():
            return self._engine.retrieve(ids, with_payload, with_vector)

    def query(self, request: edge.QueryRequest) -> list[edge.ScoredPoint]:
        """Nearest points, best first. Exact: no index over the vectors is built."""
        with engine_call():
            return self._engine.query(request)

    def flush(self) -> None:
        """Write everything to the segments; the write-ahead log may then forget it."""
        with engine_call():
            self._engine.flush()

    def close(self) -> None:
        """Flush and release the files."""
        with engine_call():
            self._engine.close()


def _require_id_mappings(path: Path) -> None:
    """Refuse a segment that lost its ids: a 1.18.3 server panics, this engine drops the points."""
    for versions in path.glob("segments/*/mutable_id_tracker.versions"):
        mappings = versions.with_suffix(".mappings")
        if versions.stat().st_size and not (mappings.exists() and mappings.stat().st_size):
            raise StartFailure(f"Failed to load ID tracker mappings: {mappings} is empty")


def _last_operation(path: Path) -> int:
    """The number of the last update, as far as the flushed segments tell."""
    versions = [0]
    for file in path.glob("segments/*/segment.json"):
        versions.append(read_json(file).get("version") or 0)
    return max(versions)
