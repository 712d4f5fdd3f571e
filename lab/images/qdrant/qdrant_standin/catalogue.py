"""All collections and aliases of the server, and the storage folder they live in."""

import random
import shutil
import threading
import uuid
from pathlib import Path
from typing import Any

from . import logs
from .aliases import Aliases
from .collection import Collection, write_empty_collection
from .collection_config import Config
from .errors import StartFailure, already_exists, no_collection, wrong_input
from .json_files import read_json, write_json


class Catalogue:
    """Opens everything at start, as a real server does; raises StartFailure otherwise."""

    def __init__(self, storage: Path) -> None:
        self._folder = storage / "collections"
        self._deleted = storage / ".deleted"
        self._lock = threading.RLock()
        self.temporary = storage / "tmp"
        for leftovers in (self.temporary, self._deleted):
            shutil.rmtree(leftovers, ignore_errors=True)
        for folder in (self._folder, self.temporary):
            folder.mkdir(parents=True, exist_ok=True)
        self.peer_id = _peer_id(storage / "raft_state.json")
        self.aliases = Aliases(storage / "aliases")
        self._collections = {path.name: _open(path) for path in self._folders()}

    def _folders(self) -> list[Path]:
        """Folders that hold a collection; dot folders are somebody's quarantine."""
        folders = []
        for path in sorted(self._folder.iterdir()):
            if path.name.startswith(".") or not path.is_dir():
                continue
            if (path / "config.json").exists():
                folders.append(path)
            else:
                where = f"collection directory: {path}, skipping"
                logs.warn("storage::toc", f"Collection config is not found in the {where}")
        return folders

    def names(self) -> list[str]:
        """Names of the collections, sorted."""
        return sorted(self._collections)

    def all(self) -> list[Collection]:
        """The collections, sorted by name."""
        return [self._collections[name] for name in self.names()]

    def resolve(self, name: str) -> str:
        """The collection an alias stands for; any other name is returned as it is."""
        return self.aliases.target(name) or name

    def find(self, name: str) -> Collection | None:
        """The collection of that name or alias."""
        return self._collections.get(self.resolve(name))

    def get(self, name: str) -> Collection:
        """As find; 404 when there is none."""
        collection = self.find(name)
        if collection is None:
            raise no_collection(name)
        return collection

    def create(self, name: str, config: Config) -> Collection:
        """Create an empty collection; 409 or 400 when the name is taken."""
        with self._lock:
            if name in self._collections:
                raise already_exists(name)
            if self.aliases.target(name):
                taken = f"Can't create collection with name {name}."
                raise wrong_input(f"{taken} Alias with the same name already exists")
            logs.info("storage::toc", f"Creating collection {name}")
            draft = self.temporary / f"new-{uuid.uuid4()}"
            write_empty_collection(draft, config, self.peer_id)
            path = self._folder / name
            if path.exists():
                self._discard(path)
            draft.rename(path)
            self._collections[name] = Collection(path)
            return self._collections[name]

    def delete(self, name: str) -> bool:
        """Delete a collection and its aliases; False when there is none. Aliases do not count."""
        with self._lock:
            collection = self._collections.pop(name, None)
            if collection is None:
                return False
            logs.info("storage::toc", f"Deleting collection {name}")
            self.aliases.remove_collection(name)
            collection.close()
            self._discard(collection.path)
            return True

    def change_aliases(self, actions: list[dict[str, Any]]) -> None:
        """Perform alias actions in order; those before a failing one stay, as upstream."""
        with self._lock:
            for action in actions:
                self._change_alias(action)

    def _change_alias(self, action: dict[str, Any]) -> None:
        if create := action.get("create_alias"):
            if create["collection_name"] not in self._collections:
                raise no_collection(create["collection_name"])
            if create["alias_name"] in self._collections:
                raise already_exists(create["alias_name"])
            self.aliases.set(create["alias_name"], create["collection_name"])
        elif delete := action.get("delete_alias"):
            self.aliases.remove(delete["alias_name"])
        elif rename := action.get("rename_alias"):
            self.aliases.rename(rename["old_alias_name"], rename["new_alias_name"])

    def flush(self) -> None:
        """Flush every collection; a damaged one is logged and does not stop the others."""
        for collection in self.all():
            try:
                collection.flush()
            except Exception as error:
                logs.error("collection::flush", f"Failed to flush {collection.name}: {error}")

    def close(self) -> None:
        """Flush and close every collection."""
        for collection in self.all():
            try:
                collection.close()
            except Exception as error:
                logs.error("storage::toc", f"Failed to close {collection.name}: {error}")

    def _discard(self, path: Path) -> None:
        """Move away first: a kill during the removal must not leave half a collection."""
        self._deleted.mkdir(exist_ok=True)
        grave = self._deleted / str(uuid.uuid4())
        path.rename(grave)
        shutil.rmtree(grave, ignore_errors=True)


def _open(path: Path) -> Collection:
    logs.info("storage::toc", f"Loading collection: {path.name}")
    try:
        collection = Collection(path)
    except StartFailure:
        raise
    except BaseException as error:
        shard = f'Failed to load local shard "{path / "0"}"'
        raise StartFailure(f"{shard}: Service internal error: {error}") from error
    logs.info("collection::shards", f"Recovered collection {path.name}: 1/1 (100%)")
    return collection


def _peer_id(file: Path) -> int:
    """This server's number in snapshot names and replica states, invented at the first start."""
    if not file.exists():
        peer_id = random.randrange(10**15, 2**53)
        write_json(file, {"this_peer_id": peer_id})
    try:
        return int(read_json(file)["this_peer_id"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StartFailure(f"Can't initialize consensus: {file}: {error}") from error
