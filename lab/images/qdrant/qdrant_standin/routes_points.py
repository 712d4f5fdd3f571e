"""Writing, reading, counting and searching points."""

from __future__ import annotations

import qdrant_edge as edge

from . import rendering
from .collection import Collection
from .errors import not_found
from .filters import engine_filter
from .http_answer import Answer, ok
from .http_request import Request, required
from .point_ids import point_id_of_path, point_ids
from .point_requests import (
    engine_points,
    payload_selector,
    query_request,
    scroll_request,
    vector_selector,
)
from .routes_collections import updated
from .server_state import State


def _collection(state: State, request: Request) -> Collection:
    return state.catalogue.get(request.path["collection"])


def upsert(state: State, request: Request) -> Answer:
    """PUT /collections/<name>/points."""
    collection = _collection(state, request)
    points = engine_points(collection, required(request.json(), "points"))
    return updated(collection.apply(edge.UpdateOperation.upsert_points(points)), request)


def delete(state: State, request: Request) -> Answer:
    """POST /collections/<name>/points/delete, by ids or by a filter."""
    collection = _collection(state, request)
    body = request.json()
    condition = engine_filter(body.get("filter"))
    if condition is not None:
        operation = edge.UpdateOperation.delete_points_by_filter(condition)
    else:
        ids = point_ids(required(body, "points"))
        operation = edge.UpdateOperation.delete_points(ids)
    return updated(collection.apply(operation), request)


def set_payload(state: State, request: Request) -> Answer:
    """POST (merge) and PUT (replace) /collections/<name>/points/payload."""
    collection = _collection(state, request)
    body = request.json()
    payload = required(body, "payload")
    condition = engine_filter(body.get("filter"))
    change = edge.UpdateOperation
    if condition is not None:
        by_filter = (
            change.set_payload_by_filter if request.method == "POST" else change.overwrite_payload_by_filter
        )
        return updated(collection.apply(by_filter(condition, payload)), request)
    ids = point_ids(required(body, "points"))
    by_ids = change.set_payload if request.method == "POST" else change.overwrite_payload
    return updated(collection.apply(by_ids(ids, payload)), request)


def count(state: State, request: Request) -> Answer:
    """POST /collections/<name>/points/count: always exact."""
    collection = _collection(state, request)
    number = collection.shard.count(engine_filter(request.json_if_any().get("filter")))
    return ok({"count": number}, request.seconds())


def scroll(state: State, request: Request) -> Answer:
    """POST /collections/<name>/points/scroll."""
    collection = _collection(state, request)
    points, following = collection.shard.scroll(scroll_request(request.json_if_any()))
    page = {"points": [rendering.record(one) for one in points], "next_page_offset": following}
    return ok(page, request.seconds())


def get_one(state: State, request: Request) -> Answer:
    """GET /collections/<name>/points/<id>."""
    collection = _collection(state, request)
    wanted = point_id_of_path(request.path["id"])
    found = collection.shard.retrieve([wanted], True, True)
    if not found:
        raise not_found(f"Point with id {wanted} does not exists!")
    return ok(rendering.record(found[0]), request.seconds())


def get_many(state: State, request: Request) -> Answer:
    """POST /collections/<name>/points."""
    collection = _collection(state, request)
    body = request.json()
    ids = point_ids(required(body, "ids"))
    payload = payload_selector(body.get("with_payload", True))
    found = collection.shard.retrieve(ids, payload, vector_selector(body))
    return ok([rendering.record(one) for one in found], request.seconds())


def query(state: State, request: Request) -> Answer:
    """POST /collections/<name>/points/query: nearest to a vector or a point."""
    collection = _collection(state, request)
    body = request.json()
    found = collection.shard.query(query_request(collection, required(body, "query"), body))
    return ok({"points": [rendering.scored(one) for one in found]}, request.seconds())


def search(state: State, request: Request) -> Answer:
    """POST /collections/<name>/points/search: the older form of query."""
    collection = _collection(state, request)
    body = request.json()
    found = collection.shard.query(query_request(collection, required(body, "vector"), body))
    return ok([rendering.scored(one) for one in found], request.seconds())
