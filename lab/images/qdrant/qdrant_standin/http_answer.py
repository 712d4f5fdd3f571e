"""Answers: JSON with status and time, plain text, or a file."""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

_PIECE = 1 << 20


@dataclass
class Answer:
    """Status, content type (None: no such header), and the content."""

    status: int
    content_type: str | None
    content: bytes | Path
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def length(self) -> int:
        """Bytes of the content before compression."""
        return len(self.content) if isinstance(self.content, bytes) else self.content.stat().st_size

    def pieces(self) -> Iterator[bytes]:
        """The content in pieces, a file never as a whole."""
        if isinstance(self.content, bytes):
            yield self.content
            return
        with self.content.open("rb") as file:
            while piece := file.read(_PIECE):
                yield piece


def json_answer(value: dict[str, Any], status: int = 200) -> Answer:
    """JSON; float32 numbers are printed with as many digits as they have."""
    return Answer(status, "application/json", orjson.dumps(value, option=orjson.OPT_SERIALIZE_NUMPY))


def ok(result: Any, seconds: float) -> Answer:
    """The envelope of every success."""
    return json_answer({"result": result, "status": "ok", "time": seconds})


def accepted(seconds: float) -> Answer:
    """202: begun, and any failure appears in the log only."""
    return json_answer({"status": "accepted", "time": seconds}, 202)


def failure(status: int, text: str, seconds: float) -> Answer:
    """The envelope of every error."""
    return json_answer({"status": {"error": text}, "time": seconds}, status)


def text_answer(text: str, status: int = 200) -> Answer:
    """Plain text."""
    return Answer(status, "text/plain; charset=utf-8", text.encode())


def bare(status: int, text: str = "") -> Answer:
    """Text, or nothing, without a content type."""
    return Answer(status, None, text.encode())


def file_answer(path: Path) -> Answer:
    """A download, streamed."""
    status = path.stat()
    headers = {
        "content-disposition": f'attachment; filename="{path.name}"',
        "etag": f'"{status.st_ino:x}:{status.st_size:x}:{int(status.st_mtime):x}"',
    }
    return Answer(200, "application/octet-stream", path, headers)


def gzipped(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Compress while streaming, at the fastest level: digits gain little from more."""
    packer = zlib.compressobj(level=1, wbits=31)
    for piece in pieces:
        packed = packer.compress(piece)
        if packed:
            yield packed
    yield packer.flush()
