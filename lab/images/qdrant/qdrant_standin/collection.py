"""A collection: its files, its open shard, and the lock that orders its updates."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path
from typing import Any

import qdrant_edge as edge

from . import logs
from .collection_config import Config, dimensions
from .errors import StartFailure, internal
from .json_files import read_json, write_bytes, write_json
from .payload_index import engine_schema
from .shard import Shard, create_shard_files

_FORMAT_VERSION = b"0.4.2"


def write_empty_collection(path: Path, config: Config, peer_id: int) -> None:
    """Lay out a new collection under ``path`` (which must not exist)."""
    path.mkdir(parents=True)
    write_json(path / "config.json", config)
    write_bytes(path / "version.info", _FORMAT_VERSION)
    write_json(path / "shard_key_mapping.json", {})
    write_json(path / "payload_index.json", {"schema": {}})
    create_shard_files(path / "0", config)
    write_shard_metadata(path / "0", peer_id)


def write_shard_metadata(shard: Path, peer_id: int) -> None:
    """The two files that make a shard folder the one active replica of this server."""
    write_json(shard / "shard_config.json", {"type": "ReplicaSet"})
    replica = {"is_local": True, "this_peer_id": peer_id, "peers": {str(peer_id): "Active"}}
    write_json(shard / "replica_state.json", replica)


class Collection:
    """An open collection. ``updates`` is held by whoever changes or copies its files."""

    def __init__(self, path: Path) -> None:
        self.name = path.name
        self.path = path
        self.updates = threading.RLock()
        self.config: Config = _must_read(path / "config.json")
        if not (path / "version.info").exists():
            raise StartFailure(f"Collection version is not found in {path}")
        for name in ("shard_config.json", "replica_state.json"):
            _must_read(path / "0" / name)
        self.indexes: dict[str, Any] = _must_read(path / "payload_index.json")["schema"]
        self._failure: str | None = None
        self._shard = self._load_shard()

    @property
    def shard(self) -> Shard:
        """The open shard; 500 while a failed recovery has left none."""
        if self._failure is not None:
            raise internal(f"Failed to restore local replica: {self._failure}")
        return self._shard

    @property
    def dimensions(self) -> dict[str, int]:
        """Vector name to length."""
        return dimensions(self.config)

    def create_index(self, field: str, schema: Any) -> int:
        """Index a payload field; returns the number of the last of its two operations."""
        with self.updates:
            operation = edge.UpdateOperation.create_field_index(field, engine_schema(schema))
            self.shard.apply(edge.UpdateOperation.delete_field_index(field))
            number = self.shard.apply(operation)
            self._save_indexes({**self.indexes, field: schema})
            return number

    def delete_index(self, field: str) -> int:
        """Drop the index of a payload field; no error when there is none."""
        with self.updates:
            number = self.shard.apply(edge.UpdateOperation.delete_field_index(field))
            self._save_indexes({key: value for key, value in self.indexes.items() if key != field})
            return number

    def apply(self, operation: edge.UpdateOperation) -> int:
        """Perform one update; it is in the write-ahead log when this returns."""
        with self.updates:
            return self.shard.apply(operation)

    def flush(self) -> None:
        """Flush unless somebody is copying or replacing the files right now."""
        if self._failure is None and self.updates.acquire(blocking=False):
            try:
                self._shard.flush()
            finally:
                self.updates.release()

    def close(self) -> None:
        """Flush and release the files, after the update in progress."""
        with self.updates:
            if self._failure is None:
                self._shard.close()

    def replace_shard(self, folder: Path, indexes: dict[str, Any], peer_id: int) -> None:
        """Put an unpacked shard in the place of this one's.

        The old data is gone before the new proves readable, as in a real server
        (replica_set/snapshots.rs): a shard that does not open leaves the collection
        empty on disk and answering 500.
        """
        with self.updates:
            self.close()
            target = self.path / "0"
            shutil.rmtree(target)
            folder.rename(target)
            write_shard_metadata(target, peer_id)
            self._save_indexes({**self.indexes, **indexes})
            try:
                self._shard = self._load_shard()
                self._failure = None
            except Exception as error:
                self._failure = str(error)
                shutil.rmtree(target)
                create_shard_files(target, self.config)
                write_shard_metadata(target, peer_id)
                raise internal(f"Failed to restore local replica: {error}") from error

    def reopen_empty(self) -> None:
        """Serve the empty shard that a failed recovery left on disk."""
        self._shard = self._load_shard()
        self._failure = None

    def _load_shard(self) -> Shard:
        """Open the shard and build the indexes that ``payload_index.json`` promises."""
        shard = Shard(self.path / "0", self.config)
        present = shard.info().payload_schema
        for field, schema in self.indexes.items():
            if field not in present:
                logs.info("collection::shards", f"building missing payload index {self.name}.{field}")
                shard.apply(edge.UpdateOperation.create_field_index(field, engine_schema(schema)))
        return shard

    def _save_indexes(self, indexes: dict[str, Any]) -> None:
        write_json(self.path / "payload_index.json", {"schema": indexes})
        self.indexes = indexes


def _must_read(path: Path) -> Any:
    try:
        value = read_json(path)
    except (OSError, ValueError) as error:
        raise StartFailure(f"Can't read {path}: {error}") from error
    if not isinstance(value, dict):
        raise StartFailure(f"Can't read {path}: unexpected content")
    return value
