"""Probes and the state of the server as a whole."""

from . import VERSION
from .http_answer import Answer, json_answer, ok, text_answer
from .http_request import Request
from .server_state import State


def root(_state: State, _request: Request) -> Answer:
    """GET /: the version."""
    return json_answer({"title": "qdrant - vector search engine", "version": VERSION})


def health(_state: State, _request: Request) -> Answer:
    """GET /healthz and /livez: the process answers."""
    return text_answer("healthz check passed")


def ready(_state: State, _request: Request) -> Answer:
    """GET /readyz: always so, because nothing answers before all collections are open."""
    return text_answer("all shards are ready")


def cluster(_state: State, request: Request) -> Answer:
    """GET /cluster: a single node."""
    return ok({"status": "disabled"}, request.seconds())
