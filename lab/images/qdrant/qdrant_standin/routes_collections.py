"""Collections, their payload indexes, and aliases."""

from typing import Any

from .collection import Collection
from .collection_config import config_of_request, is_vectors_config
from .errors import bad_json
from .http_answer import Answer, ok
from .http_request import Request, required
from .payload_index import shown_index
from .server_state import State


def list_all(state: State, request: Request) -> Answer:
    """GET /collections."""
    names = [{"name": name} for name in state.catalogue.names()]
    return ok({"collections": names}, request.seconds())


def create(state: State, request: Request) -> Answer:
    """PUT /collections/<name>."""
    body = request.json()
    if not is_vectors_config(body.get("vectors")):
        what = "data did not match any variant of untagged enum VectorsConfig"
        raise bad_json(f"{what} at line 1 column {request.body_bytes}")
    state.catalogue.create(request.path["collection"], config_of_request(body))
    return ok(True, request.seconds())


def delete(state: State, request: Request) -> Answer:
    """DELETE /collections/<name>: false when there was none."""
    return ok(state.catalogue.delete(request.path["collection"]), request.seconds())


def exists(state: State, request: Request) -> Answer:
    """GET /collections/<name>/exists."""
    found = state.catalogue.find(request.path["collection"]) is not None
    return ok({"exists": found}, request.seconds())


def info(state: State, request: Request) -> Answer:
    """GET /collections/<name>."""
    return ok(_description(state.catalogue.get(request.path["collection"])), request.seconds())


def _description(collection: Collection) -> dict[str, Any]:
    shard = collection.shard.info()
    indexed = shard.payload_schema
    config = {key: value for key, value in collection.config.items() if key != "uuid"}
    return {
        "status": "green",
        "optimizer_status": "ok",
        "indexed_vectors_count": shard.indexed_vectors_count,
        "points_count": shard.points_count,
        "segments_count": shard.segments_count,
        "config": config,
        "payload_schema": {
            field: shown_index(schema, indexed[field].points if field in indexed else 0)
            for field, schema in collection.indexes.items()
        },
        "update_queue": {"length": 0},
    }


def create_index(state: State, request: Request) -> Answer:
    """PUT /collections/<name>/index."""
    body = request.json()
    collection = state.catalogue.get(request.path["collection"])
    number = collection.create_index(required(body, "field_name"), required(body, "field_schema"))
    return updated(number, request)


def delete_index(state: State, request: Request) -> Answer:
    """DELETE /collections/<name>/index/<field>."""
    collection = state.catalogue.get(request.path["collection"])
    return updated(collection.delete_index(request.path["field"]), request)


def updated(number: int, request: Request) -> Answer:
    """The result of an update. It is performed either way; without ``wait`` it does not say so."""
    status = "completed" if request.waits(default=False) else "acknowledged"
    return ok({"operation_id": number, "status": status}, request.seconds())


def aliases(state: State, request: Request) -> Answer:
    """GET /aliases."""
    return ok({"aliases": state.catalogue.aliases.shown()}, request.seconds())


def aliases_of(state: State, request: Request) -> Answer:
    """GET /collections/<name>/aliases."""
    shown = state.catalogue.aliases.shown(request.path["collection"])
    return ok({"aliases": shown}, request.seconds())


def change_aliases(state: State, request: Request) -> Answer:
    """POST /collections/aliases."""
    state.catalogue.change_aliases(required(request.json(), "actions"))
    return ok(True, request.seconds())
