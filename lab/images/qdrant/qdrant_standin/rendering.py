"""Points as the REST interface shows them."""

from __future__ import annotations

from typing import Any

import numpy as np
import qdrant_edge as edge


def record(point: edge.Record) -> dict[str, Any]:
    """A point read by id or by scrolling."""
    return _with_content({"id": point.id}, point)


def scored(point: edge.ScoredPoint) -> dict[str, Any]:
    """A point found by a query."""
    shown = {"id": point.id, "version": point.version, "score": np.float32(point.score)}
    return _with_content(shown, point)


def _with_content(shown: dict[str, Any], point: Any) -> dict[str, Any]:
    if point.payload is not None:
        shown["payload"] = point.payload
    vector = point.vector
    if vector is not None:
        shown["vector"] = _vector(vector)
    return shown


def _vector(vector: Any) -> Any:
    """Stored numbers are float32: printed as such, or every digit after the eighth is noise."""
    if isinstance(vector, dict):
        return {name: _vector(one) for name, one in vector.items()}
    return np.asarray(vector, dtype=np.float32)
