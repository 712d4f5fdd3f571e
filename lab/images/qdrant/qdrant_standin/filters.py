"""Filters of requests as objects of the storage engine."""

from __future__ import annotations

from typing import Any

import qdrant_edge as edge

from .errors import bad_json
from .point_ids import point_id

_RANGE_KEYS = ("gt", "gte", "lt", "lte")


def engine_filter(body: dict[str, Any] | None) -> edge.Filter | None:
    """Translate ``{"must": …, "should": …, "must_not": …}``; 400 for unknown conditions."""
    if not body:
        return None
    unknown = set(body) - {"must", "should", "must_not", "min_should"}
    if unknown:
        raise bad_json(f"unknown field `{sorted(unknown)[0]}` in a filter")
    min_should = body.get("min_should")
    return edge.Filter(
        must=_conditions(body.get("must")),
        should=_conditions(body.get("should")),
        must_not=_conditions(body.get("must_not")),
        min_should=edge.MinShould(_conditions(min_should["conditions"]) or [], min_should["min_count"])
        if min_should
        else None,
    )


def _conditions(given: Any) -> list[Any] | None:
    if given is None:
        return None
    return [_condition(one) for one in (given if isinstance(given, list) else [given])]


def _condition(one: dict[str, Any]) -> Any:
    if "key" in one:
        return _field_condition(one)
    if "has_id" in one:
        return edge.HasIdCondition({point_id(value) for value in one["has_id"]})
    if "is_empty" in one:
        return edge.IsEmptyCondition(one["is_empty"]["key"])
    if "is_null" in one:
        return edge.IsNullCondition(one["is_null"]["key"])
    if "nested" in one:
        nested = engine_filter(one["nested"]["filter"])
        if nested is not None:
            return edge.NestedCondition(one["nested"]["key"], nested)
    inner = engine_filter(one) if {"must", "should", "must_not"} & set(one) else None
    if inner is None:
        raise bad_json("data did not match any variant of untagged enum Condition")
    return inner


def _field_condition(one: dict[str, Any]) -> edge.FieldCondition:
    count = one.get("values_count")
    return edge.FieldCondition(
        key=one["key"],
        match=_match(one["match"]) if "match" in one else None,
        range=_range(one["range"]) if "range" in one else None,
        values_count=edge.ValuesCount(**count) if count else None,
        is_empty=one.get("is_empty"),
        is_null=one.get("is_null"),
    )


def _match(match: dict[str, Any]) -> Any:
    if "value" in match:
        return edge.MatchValue(match["value"])
    if "any" in match:
        return edge.MatchAny(match["any"])
    if "except" in match:
        return edge.MatchExcept(match["except"])
    if "text" in match:
        return edge.MatchText(match["text"])
    raise bad_json("data did not match any variant of untagged enum Match")


def _range(given: dict[str, Any]) -> Any:
    bounds = {key: given[key] for key in _RANGE_KEYS if given.get(key) is not None}
    if any(isinstance(bound, str) for bound in bounds.values()):
        return edge.RangeDateTime(**bounds)
    return edge.RangeFloat(**bounds)
