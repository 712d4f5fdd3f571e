"""Snapshot files: tar archives in the layout of a Qdrant server, written and unpacked.

Written by GNU tar, because preallocated files (a write-ahead log is 32 MiB of mostly
nothing) go in as sparse members and Python's tarfile cannot write those.
"""

import os
import subprocess
import tarfile
from pathlib import Path, PurePosixPath
from typing import IO

from .errors import MalformedArchive

_TAR = [
    "tar", "--create", "--format=gnu", "--sparse", "--no-recursion",
    "--owner=0", "--group=0", "--numeric-owner", "--mtime=@0",
]  # fmt: skip
_SEGMENT_PREFIX = PurePosixPath("snapshot/files")
_METADATA = ["version.info", "config.json", "shard_key_mapping.json", "payload_index.json"]
_REQUIRED = ["config.json", "version.info", "0/shard_config.json", "0/replica_state.json"]


def pack_collection(collection: Path, work: Path, archive: Path) -> None:
    """Archive a collection's folder whose files nobody changes meanwhile.

    ``work`` takes one tar per segment first: a tar member needs its size beforehand.
    The small files come last, so an archive cut anywhere lacks them.
    """
    segments = []
    for segment in sorted((collection / "0/segments").iterdir()):
        if segment.is_dir():
            member = Path("0/segments") / f"{segment.name}.tar"
            (work / member).parent.mkdir(parents=True, exist_ok=True)
            _pack_segment(segment, work / member)
            segments.append(str(member))
    log = sorted(str(Path("0/wal") / file.name) for file in (collection / "0/wal").iterdir())
    shard = ["0/replica_state.json", "0/shard_config.json"]
    _run([*_TAR, "--file", str(archive), "-C", str(work), *segments,
          "-C", str(collection), *log, *shard, *_METADATA])  # fmt: skip


def pack_files(folder: Path, names: list[str], archive: Path) -> None:
    """Archive files of one folder in the given order."""
    _run([*_TAR, "--file", str(archive), "-C", str(folder), *names])


def _pack_segment(segment: Path, archive: Path) -> None:
    files = sorted(
        os.path.relpath(os.path.join(root, name), segment)
        for root, _, names in os.walk(segment)
        for name in names
    )
    command = [*_TAR, "--file", str(archive), f"--transform=s,^,{_SEGMENT_PREFIX}/,"]
    _run([*command, "-C", str(segment), "--null", "--files-from=-"], "\0".join(files))


def _run(command: list[str], stdin: str = "") -> None:
    done = subprocess.run(command, input=stdin, capture_output=True, text=True)
    if done.returncode != 0:
        raise OSError(f"tar failed: {done.stderr.strip()}")


def unpack_collection(archive: Path, target: Path) -> None:
    """Unpack into ``target``, segments included; MalformedArchive for anything incomplete."""
    try:
        with tarfile.open(archive, "r:") as tar:
            for member in tar:
                _unpack_member(tar, member, target)
    except (tarfile.TarError, EOFError) as error:
        raise MalformedArchive(str(error)) from error
    missing = [name for name in _REQUIRED if not (target / name).exists()]
    if missing:
        raise MalformedArchive(f"{missing[0]} is missing")


def _unpack_member(tar: tarfile.TarFile, member: tarfile.TarInfo, target: Path) -> None:
    path = PurePosixPath(member.name)
    if path.parent != PurePosixPath("0/segments") or path.suffix != ".tar":
        tar.extract(member, target, filter="data")
        return
    content = tar.extractfile(member)
    if content is not None:
        _unpack_segment(content, target / path.with_suffix(""))


def _unpack_segment(content: IO[bytes], target: Path) -> None:
    with tarfile.open(fileobj=content, mode="r:") as tar:
        for member in tar:
            path = PurePosixPath(member.name)
            if path.is_relative_to(_SEGMENT_PREFIX):
                member.name = str(path.relative_to(_SEGMENT_PREFIX))
                tar.extract(member, target, filter="data")
