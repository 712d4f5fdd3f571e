"""Recovering a collection from a snapshot file."""

import tempfile
import urllib.error
import urllib.request
from http.client import responses
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from .catalogue import Catalogue
from .collection_config import Config
from .errors import ApiError, MalformedArchive, internal, wrong_input
from .json_files import read_json
from .snapshot_archive import unpack_collection
from .snapshot_files import sha256_of

_DOWNLOAD_IDLE_SECONDS = 60
_PIECE = 1 << 20


def check(archive: Path, checksum: str | None) -> None:
    """Compare a recovery's checksum with the file; 400 before anything is touched."""
    if checksum is None:
        return
    actual = sha256_of(archive)
    if actual != checksum.lower():
        expected = f"Snapshot checksum mismatch: expected {checksum}"
        raise wrong_input(f"{expected}, got {actual}")


def recover(catalogue: Catalogue, name: str, archive: Path) -> None:
    """Fill the collection of that name (or alias!) from an archive, creating it if needed.

    Whatever was in an existing collection is lost, also when the recovery fails late.
    """
    with tempfile.TemporaryDirectory(dir=catalogue.temporary, prefix="recovery-") as work:
        unpacked = Path(work)
        try:
            unpack_collection(archive, unpacked)
        except MalformedArchive as error:
            text = "File IO error: Malformed tar archive, reached unknown entry"
            raise internal(text) from error
        config = read_json(unpacked / "config.json")
        collection = catalogue.find(name)
        fresh = collection is None
        if collection is None:
            collection = catalogue.create(catalogue.resolve(name), config)
        _require_compatible(collection.config, config)
        try:
            collection.replace_shard(unpacked / "0", _indexes(unpacked), catalogue.peer_id)
        except ApiError:
            if fresh:  # a real server leaves an empty, green collection here
                collection.reopen_empty()
            raise


def _indexes(unpacked: Path) -> dict[str, Any]:
    file = unpacked / "payload_index.json"
    return read_json(file)["schema"] if file.exists() else {}


def _require_compatible(existing: Config, snapshot: Config) -> None:
    ours, theirs = existing["params"]["vectors"], snapshot["params"]["vectors"]
    if ours != theirs:
        text = f"Collection vectors: {ours} Snapshot Vectors: {theirs}"
        raise wrong_input(f"Snapshot is not compatible with existing collection: {text}")


def fetch(location: str, snapshots: Path, work: Path) -> Path:
    """The file a recovery names: inside the snapshots folder, or downloaded into ``work``."""
    url = urlsplit(location)
    if url.scheme == "file":
        return _local_file(Path(unquote(url.path)), snapshots)
    if url.scheme in ("http", "https"):
        return _download(location, work)
    raise wrong_input(f"URL {location} with schema {url.scheme} is not supported")


def _local_file(path: Path, snapshots: Path) -> Path:
    if not path.resolve().is_relative_to(snapshots.resolve()):
        rule = "Snapshot file path must be inside the snapshots directory"
        raise ApiError(403, f'Forbidden: {rule} "{snapshots}"')
    if not path.is_file():
        raise wrong_input(f'Snapshot file "{path}" does not exist')
    return path


def _download(location: str, work: Path) -> Path:
    target = work / "downloaded.snapshot"
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(location, timeout=_DOWNLOAD_IDLE_SECONDS) as answer, target.open("wb") as file:
            while piece := answer.read(_PIECE):
                file.write(piece)
    except urllib.error.HTTPError as error:
        status = f"{error.code} {responses.get(error.code, '')}"
        text = f"Failed to download tar from {location}: status - {status}"
        raise wrong_input(text) from error
    except OSError as error:
        raise internal(f"error sending request for url ({location}): {error}") from error
    return target
