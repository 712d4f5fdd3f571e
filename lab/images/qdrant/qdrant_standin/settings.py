"""Settings from the environment, under the names a Qdrant server reads."""

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Settings:
    """Where the files lie, where to listen, and the key (None: no key needed)."""

    storage: Path
    snapshots: Path
    host: str
    port: int
    api_key: str | None
    max_body_bytes: int


def read_settings() -> Settings:
    """Read the environment; an empty key counts as no key."""
    env = os.environ.get
    return Settings(
        storage=Path(env("QDRANT__STORAGE__STORAGE_PATH", "./storage")).absolute(),
        snapshots=Path(env("QDRANT__STORAGE__SNAPSHOTS_PATH", "./snapshots")).absolute(),
        host=env("QDRANT__SERVICE__HOST", "0.0.0.0"),
        port=int(env("QDRANT__SERVICE__HTTP_PORT", "6333")),
        api_key=env("QDRANT__SERVICE__API_KEY") or None,
        max_body_bytes=int(env("QDRANT__SERVICE__MAX_REQUEST_SIZE_MB", "32")) * 1024 * 1024,
    )
