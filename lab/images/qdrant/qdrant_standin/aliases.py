"""Aliases: ``aliases/data.json``, a plain mapping of alias to collection."""

from pathlib import Path
from typing import Any

from .errors import StartFailure, not_found
from .json_files import read_json, write_json


class Aliases:
    """The mapping in memory and on disk; each change is on disk when it returns."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._file = folder / "data.json"
        if not self._file.exists():
            write_json(self._file, {})
        try:
            self._targets: dict[str, str] = dict(read_json(self._file))
        except (OSError, ValueError, TypeError) as error:
            raise StartFailure(f"Can't open database by the provided config: {error}") from error

    def target(self, alias: str) -> str | None:
        """The collection behind an alias, None if there is no such alias."""
        return self._targets.get(alias)

    def shown(self, collection: str | None = None) -> list[dict[str, Any]]:
        """All aliases, or one collection's, as the REST interface lists them."""
        return [
            {"alias_name": alias, "collection_name": target}
            for alias, target in self._targets.items()
            if collection in (None, target)
        ]

    def mapping(self) -> dict[str, str]:
        """A copy of the mapping."""
        return dict(self._targets)

    def set(self, alias: str, collection: str) -> None:
        """Create an alias, or point an existing one elsewhere."""
        self._save({**self._targets, alias: collection})

    def remove(self, alias: str) -> None:
        """Forget an alias; no error when there is none."""
        self._save({key: value for key, value in self._targets.items() if key != alias})

    def rename(self, old: str, new: str) -> None:
        """Give an alias another name; 404 when it does not exist."""
        if old not in self._targets:
            raise not_found(f"Alias {old} does not exists!")
        changed = self.mapping()
        changed[new] = changed.pop(old)
        self._save(changed)

    def remove_collection(self, collection: str) -> None:
        """Forget every alias of a collection, as deleting it does."""
        self._save({key: value for key, value in self._targets.items() if value != collection})

    def _save(self, targets: dict[str, str]) -> None:
        write_json(self._file, targets)
        self._targets = targets
