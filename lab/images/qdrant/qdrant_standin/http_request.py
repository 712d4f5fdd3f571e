"""A request as the routes see it, and the body behind it."""

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BufferedIOBase
from typing import Any, Protocol
from urllib.parse import parse_qs

import orjson

from .errors import ApiError, bad_json

_PIECE = 1 << 20


class Body(Protocol):
    """Bytes of a request, to be read once."""

    def read(self, size: int) -> bytes:
        """Up to ``size`` bytes; empty at the end."""
        ...


class SizedBody:
    """A body with a Content-Length."""

    def __init__(self, stream: BufferedIOBase, length: int) -> None:
        self._stream = stream
        self.remaining = length

    def read(self, size: int) -> bytes:
        """Up to ``size`` bytes; raises ConnectionError when the client goes away early."""
        if self.remaining == 0:
            return b""
        piece = self._stream.read(min(size, self.remaining))
        if not piece:
            raise ConnectionError("the client closed the connection within the body")
        self.remaining -= len(piece)
        return piece


class ChunkedBody:
    """A body in chunks, as clients send one they stream and do not know the length of."""

    def __init__(self, stream: BufferedIOBase) -> None:
        self._stream = stream
        self._chunk = SizedBody(stream, 0)
        self._ended = False

    def read(self, size: int) -> bytes:
        """Up to ``size`` bytes; raises ConnectionError for a broken framing."""
        if self._chunk.remaining == 0 and not self._ended:
            self._next_chunk()
        if self._ended:
            return b""
        piece = self._chunk.read(size)
        if self._chunk.remaining == 0:
            self._stream.readline()
        return piece

    def _next_chunk(self) -> None:
        head = self._stream.readline(1024).split(b";")[0].strip()
        if not re.fullmatch(rb"[0-9A-Fa-f]+", head):
            raise ConnectionError("malformed chunk in the body")
        self._chunk = SizedBody(self._stream, int(head, 16))
        if self._chunk.remaining == 0:
            self._ended = True
            while self._stream.readline(65536).strip():
                pass


def pieces(body: Body) -> Iterator[bytes]:
    """The body in pieces of up to a mebibyte."""
    while piece := body.read(_PIECE):
        yield piece


@dataclass
class Request:
    """One request; ``path`` holds the decoded names of the route."""

    method: str
    body: Body
    content_type: str
    query_string: str
    max_body_bytes: int
    started: float
    path: dict[str, str] = field(default_factory=dict)

    body_bytes = 0

    def seconds(self) -> float:
        """Time since the request began, for the envelope."""
        return time.perf_counter() - self.started

    def parameter(self, name: str) -> str | None:
        """A query parameter, the last one if repeated."""
        values = parse_qs(self.query_string).get(name)
        return values[-1] if values else None

    def waits(self, default: bool) -> bool:
        """The parameter ``wait``."""
        value = self.parameter("wait")
        return default if value is None else value == "true"

    def json(self) -> dict[str, Any]:
        """The body as an object; 400 for anything else and for too large a body."""
        text = self._read_limited()
        try:
            value = orjson.loads(text)
        except orjson.JSONDecodeError as error:
            raise bad_json(_serde_wording(error, text)) from error
        if not isinstance(value, dict):
            raise bad_json("invalid type: expected struct at line 1 column 0")
        return value

    def json_if_any(self) -> dict[str, Any]:
        """As json, an empty body counting as ``{}``."""
        text = self._read_limited()
        self.body = _Memory(text)
        return self.json() if text.strip() else {}

    def _read_limited(self) -> bytes:
        content = bytearray()
        for piece in pieces(self.body):
            content += piece
            if len(content) > self.max_body_bytes:
                total = len(content) + getattr(self.body, "remaining", 0)
                limit = f"is larger than allowed (limit: {self.max_body_bytes} bytes)."
                raise ApiError(400, f"JSON payload ({total} bytes) {limit}")
        self.body_bytes = len(content)
        return bytes(content)


class _Memory:
    def __init__(self, content: bytes) -> None:
        self._content = content

    def read(self, size: int) -> bytes:
        piece, self._content = self._content[:size], self._content[size:]
        return piece


def _serde_wording(error: orjson.JSONDecodeError, text: bytes) -> str:
    """The Rust parser's words for the two commonest mistakes."""
    line, column = error.lineno, error.colno
    if error.pos >= len(text.rstrip()):
        return f"EOF while parsing a value at line {line} column {max(column - 1, 0)}"
    return f"expected value at line {line} column {column}"


def required(body: dict[str, Any], name: str) -> Any:
    """A field that must be there; 400 otherwise."""
    if name not in body:
        raise bad_json(f"missing field `{name}`")
    return body[name]
