"""Kinds of payload indexes: a name, or an object with a ``type``."""

from __future__ import annotations

from typing import Any

import qdrant_edge as edge

from .errors import bad_json

_TYPES = {
    "keyword": edge.PayloadSchemaType.Keyword,
    "integer": edge.PayloadSchemaType.Integer,
    "float": edge.PayloadSchemaType.Float,
    "geo": edge.PayloadSchemaType.Geo,
    "text": edge.PayloadSchemaType.Text,
    "bool": edge.PayloadSchemaType.Bool,
    "datetime": edge.PayloadSchemaType.Datetime,
    "uuid": edge.PayloadSchemaType.Uuid,
}


def type_name(schema: Any) -> str:
    """``integer`` for both ``"integer"`` and ``{"type": "integer", …}``."""
    return str(schema.get("type", "") if isinstance(schema, dict) else schema)


def engine_schema(schema: Any) -> edge.PayloadSchemaType:
    """The engine's type; 400 for a name it does not know. Further parameters are only stored."""
    kind = _TYPES.get(type_name(schema))
    if kind is None:
        raise bad_json("data did not match any variant of untagged enum PayloadFieldSchema")
    return kind


def shown_index(schema: Any, points: int) -> dict[str, Any]:
    """An entry of ``payload_schema`` in the collection's description."""
    params = {"params": schema} if isinstance(schema, dict) else {}
    return {"data_type": type_name(schema), **params, "points": points}
