"""Parts of point requests as objects of the storage engine."""

from __future__ import annotations

from typing import Any

import qdrant_edge as edge

from .collection import Collection
from .errors import ApiError, bad_json, not_found, wrong_input
from .filters import engine_filter
from .http_request import required
from .point_ids import PointId, point_id


def engine_points(collection: Collection, points: list[dict[str, Any]]) -> list[edge.Point]:
    """Points to write; 400 when a single vector has the wrong length, and nothing is written."""
    dimensions = collection.dimensions
    for point in points:
        require_dimensions(required(point, "vector"), dimensions)
    return [
        edge.Point(point_id(required(point, "id")), point["vector"], point.get("payload") or {})
        for point in points
    ]


def require_dimensions(vector: Any, dimensions: dict[str, int]) -> None:
    """Compare the lengths of a vector, or of each named one, with the collection's."""
    for name, values in (vector if isinstance(vector, dict) else {"": vector}).items():
        if name not in dimensions:
            raise wrong_input(f"Not existing vector name error: {name}")
        if not isinstance(values, list):
            raise bad_json("data did not match any variant of untagged enum VectorStruct")
        if len(values) != dimensions[name]:
            expected = f"expected dim: {dimensions[name]}, got {len(values)}"
            raise wrong_input(f"Vector dimension error: {expected}")


def payload_selector(value: Any) -> Any:
    """``with_payload``: a switch, a list of fields, or ``include``/``exclude``."""
    if isinstance(value, dict):
        if "include" in value:
            return edge.PayloadSelector.Include(value["include"])
        return edge.PayloadSelector.Exclude(value.get("exclude", []))
    return value


def vector_selector(body: dict[str, Any]) -> Any:
    """``with_vector``, also spelt ``with_vectors``; off unless asked for."""
    return body.get("with_vector", body.get("with_vectors", False))


def scroll_request(body: dict[str, Any]) -> edge.ScrollRequest:
    """A page: ten points with payload unless the request says otherwise."""
    if body.get("order_by") is not None:
        raise wrong_input("this stand-in does not scroll with order_by")
    offset = body.get("offset")
    return edge.ScrollRequest(
        offset=None if offset is None else point_id(offset),
        limit=_limit(body),
        filter=engine_filter(body.get("filter")),
        with_payload=payload_selector(body.get("with_payload", True)),
        with_vector=vector_selector(body),
    )


def query_request(collection: Collection, query: Any, body: dict[str, Any]) -> edge.QueryRequest:
    """Nearest points to a vector, or to the vector of a point, which is then left out."""
    using = body.get("using") or ""
    condition = engine_filter(body.get("filter"))
    if isinstance(query, dict):
        query = required(query, "nearest")
    if not isinstance(query, list):
        example = point_id(query)
        query = _vector_of(collection, example, using)
        others = edge.Filter(must_not=[edge.HasIdCondition({example})])
        condition = others if condition is None else edge.Filter(must=[condition, others])
    require_dimensions({using: query}, collection.dimensions)
    return edge.QueryRequest(
        query=edge.Query.Nearest(query, using or None),
        limit=_limit(body),
        offset=body.get("offset"),
        filter=condition,
        with_payload=payload_selector(body.get("with_payload", False)),
        with_vector=vector_selector(body),
        score_threshold=body.get("score_threshold"),
    )


def _limit(body: dict[str, Any]) -> int:
    limit: int = body.get("limit", 10)
    if limit < 1:
        reason = f"limit: value {limit} invalid, must be 1 or larger"
        raise ApiError(422, f"Validation error in JSON body: [{reason}]")
    return limit


def _vector_of(collection: Collection, example: PointId, using: str) -> Any:
    found = collection.shard.retrieve([example], False, True)
    if not found:
        raise not_found(f"No point with id {example} found")
    vector: Any = found[0].vector
    return vector[using] if isinstance(vector, dict) else vector
