"""The ``config.json`` of a collection: what a client asked for, filled up with defaults."""

from __future__ import annotations

from typing import Any

import qdrant_edge as edge

from .errors import wrong_input

Config = dict[str, Any]

DISTANCES = {
    "Cosine": edge.Distance.Cosine,
    "Dot": edge.Distance.Dot,
    "Euclid": edge.Distance.Euclid,
    "Manhattan": edge.Distance.Manhattan,
}


def default_config(vectors: Config) -> Config:
    """A collection's configuration, field by field as Qdrant 1.18.3 writes it."""
    return {
        "params": {
            "vectors": vectors,
            "shard_number": 1,
            "replication_factor": 1,
            "write_consistency_factor": 1,
            "on_disk_payload": True,
        },
        "hnsw_config": {
            "m": 16,
            "ef_construct": 100,
            "full_scan_threshold": 10000,
            "max_indexing_threads": 0,
            "on_disk": False,
        },
        "optimizer_config": {
            "deleted_threshold": 0.2,
            "vacuum_min_vector_number": 1000,
            "default_segment_number": 0,
            "max_segment_size": None,
            "memmap_threshold": None,
            "indexing_threshold": 10000,
            "flush_interval_sec": 5,
            "max_optimization_threads": None,
            "prevent_unoptimized": None,
        },
        "wal_config": {"wal_capacity_mb": 32, "wal_segments_ahead": 0, "wal_retain_closed": 1},
        "quantization_config": None,
        "uuid": None,
    }


def config_of_request(body: Config) -> Config:
    """The configuration a PUT /collections/<name> asks for; 400 for what is not stored here."""
    if body.get("shard_number", 1) != 1 or body.get("sparse_vectors"):
        raise wrong_input("this stand-in keeps one shard and dense vectors only")
    config = default_config(body["vectors"])
    config["params"]["on_disk_payload"] = body.get("on_disk_payload", True)
    for given, stored in (
        ("hnsw_config", "hnsw_config"),
        ("optimizers_config", "optimizer_config"),
        ("wal_config", "wal_config"),
    ):
        config[stored].update(body.get(given) or {})
    return config


def is_vectors_config(vectors: object) -> bool:
    """Whether a value is one vector's parameters, or a mapping of names to such."""
    if not isinstance(vectors, dict) or not vectors:
        return False
    if "size" in vectors:
        return _is_vector_params(vectors)
    return all(_is_vector_params(one) for one in vectors.values())


def _is_vector_params(value: object) -> bool:
    if not isinstance(value, dict):
        return False
    size = value.get("size")
    return isinstance(size, int) and 1 <= size <= 65536 and value.get("distance") in DISTANCES


def dimensions(config: Config) -> dict[str, int]:
    """Vector name to length; the unnamed vector is ``""``."""
    vectors = config["params"]["vectors"]
    named = {"": vectors} if "size" in vectors else vectors
    return {name: params["size"] for name, params in named.items()}


def engine_config(config: Config) -> edge.EdgeConfig:
    """The storage engine's view of the same configuration."""
    params = config["params"]
    vectors = params["vectors"]
    return edge.EdgeConfig(
        vectors=_engine_vector(vectors)
        if "size" in vectors
        else {name: _engine_vector(one) for name, one in vectors.items()},
        on_disk_payload=params.get("on_disk_payload", True),
    )


def _engine_vector(params: Config) -> edge.EdgeVectorParams:
    return edge.EdgeVectorParams(
        size=params["size"], distance=DISTANCES[params["distance"]], on_disk=params.get("on_disk")
    )
