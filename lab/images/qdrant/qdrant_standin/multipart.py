"""One file out of a multipart/form-data body, streamed to disk."""

import re
from collections.abc import Callable
from pathlib import Path

from .errors import ApiError, bad_json
from .http_request import Body

_PIECE = 1 << 20


def save_file_field(body: Body, content_type: str, field: str, folder: Path) -> tuple[str, Path]:
    """Write the named field's file into ``folder``; returns the client's file name and the path.

    Memory stays at two pieces whatever the file's size. 400 when the field is not there.
    """
    boundary = re.search(r'boundary="?([^";]+)"?', content_type)
    if boundary is None or not content_type.startswith("multipart/form-data"):
        raise ApiError(400, "Multipart error: Content type is not multipart/form-data")
    parts = _Parts(body, b"--" + boundary.group(1).encode())
    saved: tuple[str, Path] | None = None
    while (head := parts.next_head()) is not None:
        name = _attribute(head, "name")
        if name == field and saved is None:
            path = folder / "upload"
            with path.open("wb") as file:
                parts.copy_content(file.write)
            saved = (Path(_attribute(head, "filename") or "upload.snapshot").name, path)
        else:
            parts.copy_content(lambda _: None)
    if saved is None:
        raise bad_json(f"Multipart error: Field '{field}' is required")
    return saved


def _attribute(head: bytes, name: str) -> str | None:
    found = re.search(rf'[;\s]{name}="([^"]*)"'.encode(), head)
    return found.group(1).decode() if found else None


class _Parts:
    """Reads part after part; the delimiter may lie across two pieces."""

    def __init__(self, body: Body, boundary: bytes) -> None:
        self._body = body
        self._delimiter = b"\r\n" + boundary
        self._buffer = b"\r\n"
        self.copy_content(lambda _: None)  # the preamble

    def next_head(self) -> bytes | None:
        """The header lines of the next part, None after the last."""
        while b"\r\n\r\n" not in self._buffer:
            if self._buffer.startswith(b"--"):
                return None
            if not self._fill():
                raise ApiError(400, "Multipart error: Multipart stream is incomplete")
        head, self._buffer = self._buffer.split(b"\r\n\r\n", 1)
        return head

    def copy_content(self, write: Callable[[bytes], object]) -> None:
        """Hand the content up to the next delimiter to ``write``."""
        while (end := self._buffer.find(self._delimiter)) < 0:
            keep = len(self._delimiter) - 1
            if len(self._buffer) > keep:
                write(self._buffer[:-keep])
                self._buffer = self._buffer[-keep:]
            if not self._fill():
                raise ApiError(400, "Multipart error: Multipart stream is incomplete")
        write(self._buffer[:end])
        self._buffer = self._buffer[end + len(self._delimiter) :]

    def _fill(self) -> bool:
        piece = self._body.read(_PIECE)
        self._buffer += piece
        return bool(piece)
