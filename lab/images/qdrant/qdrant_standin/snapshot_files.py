"""The snapshots folder: files, their checksums beside them, and how they are listed."""

import hashlib
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from .errors import not_found


def sha256_of(path: Path) -> str:
    """Hex digest of a file, read in pieces."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def time_stamp() -> str:
    """UTC to the second, as in a snapshot's name: two in one second collide, as upstream."""
    return datetime.now(UTC).strftime("%Y-%m-%d-%H-%M-%S")


def _checksum_file(path: Path) -> Path:
    return path.with_name(f"{path.name}.checksum")


def publish(draft: Path, path: Path) -> dict[str, Any]:
    """Move a finished snapshot to its name, checksum first; returns its description."""
    path.parent.mkdir(parents=True, exist_ok=True)
    _checksum_file(path).write_text(sha256_of(draft))
    shutil.move(draft, path)
    return description(path)


def description(path: Path) -> dict[str, Any]:
    """Name, creation time, size in bytes, and the SHA-256 if one was recorded."""
    status = path.stat()
    created = datetime.fromtimestamp(status.st_mtime, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    shown: dict[str, Any] = {"name": path.name, "creation_time": created, "size": status.st_size}
    checksum = _checksum_file(path)
    if checksum.exists():
        shown["checksum"] = checksum.read_text().strip()
    return shown


def listing(folder: Path) -> list[dict[str, Any]]:
    """Descriptions of the snapshot files in a folder; none when it does not exist."""
    if not folder.is_dir():
        return []
    files = (file for file in sorted(folder.iterdir()) if file.is_file())
    return [description(file) for file in files if file.suffix == ".snapshot"]


def find(folder: Path, name: str) -> Path:
    """The file of that name in the folder; 404 otherwise, and for names that leave the folder."""
    path = folder / name
    if path.parent != folder or name in ("", ".", "..") or not path.is_file():
        raise not_found(f"Snapshot {name} not found")
    return path


def delete(folder: Path, name: str) -> None:
    """Remove a snapshot and its checksum; 404 for a missing folder or file."""
    if not folder.is_dir():
        raise not_found(f"Snapshot directory: {folder} not found")
    path = find(folder, name)
    path.unlink()
    _checksum_file(path).unlink(missing_ok=True)
