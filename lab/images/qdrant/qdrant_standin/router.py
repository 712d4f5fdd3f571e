"""Which function answers which method and path."""

import re
from collections.abc import Callable
from urllib.parse import unquote

from . import routes_collections as collections
from . import routes_points as points
from . import routes_service as service
from . import routes_snapshots as snapshots
from .errors import ApiError
from .http_answer import Answer
from .http_request import Request
from .server_state import State

Route = Callable[[State, Request], Answer]

_ROUTES: list[tuple[str, str, Route]] = [
    ("GET", "/", service.root),
    ("GET", "/healthz", service.health),
    ("GET", "/livez", service.health),
    ("GET", "/readyz", service.ready),
    ("GET", "/cluster", service.cluster),
    ("GET", "/aliases", collections.aliases),
    ("POST", "/collections/aliases", collections.change_aliases),
    ("GET", "/collections", collections.list_all),
    ("GET", "/collections/{collection}", collections.info),
    ("PUT", "/collections/{collection}", collections.create),
    ("DELETE", "/collections/{collection}", collections.delete),
    ("GET", "/collections/{collection}/exists", collections.exists),
    ("GET", "/collections/{collection}/aliases", collections.aliases_of),
    ("PUT", "/collections/{collection}/index", collections.create_index),
    ("DELETE", "/collections/{collection}/index/{field}", collections.delete_index),
    ("PUT", "/collections/{collection}/points", points.upsert),
    ("POST", "/collections/{collection}/points", points.get_many),
    ("POST", "/collections/{collection}/points/delete", points.delete),
    ("POST", "/collections/{collection}/points/payload", points.set_payload),
    ("PUT", "/collections/{collection}/points/payload", points.set_payload),
    ("POST", "/collections/{collection}/points/count", points.count),
    ("POST", "/collections/{collection}/points/scroll", points.scroll),
    ("POST", "/collections/{collection}/points/query", points.query),
    ("POST", "/collections/{collection}/points/search", points.search),
    ("GET", "/collections/{collection}/points/{id}", points.get_one),
    ("POST", "/collections/{collection}/snapshots", snapshots.create),
    ("GET", "/collections/{collection}/snapshots", snapshots.listing),
    ("POST", "/collections/{collection}/snapshots/upload", snapshots.upload),
    ("PUT", "/collections/{collection}/snapshots/recover", snapshots.recover_from),
    ("GET", "/collections/{collection}/snapshots/{file}", snapshots.download),
    ("DELETE", "/collections/{collection}/snapshots/{file}", snapshots.delete),
    ("POST", "/snapshots", snapshots.create_full),
    ("GET", "/snapshots", snapshots.full_listing),
    ("GET", "/snapshots/{file}", snapshots.full_download),
    ("DELETE", "/snapshots/{file}", snapshots.full_delete),
]

# Probes that answer without a key, so that whoever watches the process needs none.
OPEN_PATHS = frozenset({"/", "/healthz", "/livez", "/readyz"})

_FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f]')


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path))


_PATTERNS = [(method, _pattern(path), route) for method, path, route in _ROUTES]


def find_route(method: str, path: str) -> tuple[Route, dict[str, str]] | None:
    """The route of a request and its decoded names; None leads to a 404, ApiError to a 422."""
    for known, pattern, route in _PATTERNS:
        match = pattern.fullmatch(path) if known == method else None
        if match:
            names = {key: unquote(value) for key, value in match.groupdict().items()}
            _require_valid(names.get("collection"))
            return route, names
    return None


def _require_valid(collection: str | None) -> None:
    wrong = _FORBIDDEN.search(collection) if collection else None
    if wrong:
        reason = f'collection_name: collection name cannot contain "{wrong.group()}" char'
        raise ApiError(422, f"Validation error in path parameters: [{reason}]")
