"""Making snapshots of one collection, and of the whole server."""

import tempfile
from pathlib import Path
from typing import Any

from .catalogue import Catalogue
from .collection import Collection
from .json_files import write_json
from .snapshot_archive import pack_collection, pack_files
from .snapshot_files import publish, time_stamp


class Snapshots:
    """Snapshots live in ``<snapshots>/<collection>/``, full ones in ``<snapshots>/``."""

    def __init__(self, catalogue: Catalogue, folder: Path) -> None:
        self._catalogue = catalogue
        self.folder = folder
        self.temporary = folder / "tmp"
        self.temporary.mkdir(parents=True, exist_ok=True)

    def folder_of(self, collection: Collection) -> Path:
        """Where a collection's snapshots are."""
        return self.folder / collection.name

    def create(self, collection: Collection) -> dict[str, Any]:
        """Snapshot a collection; its updates wait meanwhile, its reads do not."""
        name = f"{collection.name}-{self._catalogue.peer_id}-{time_stamp()}.snapshot"
        with tempfile.TemporaryDirectory(dir=self.temporary) as work:
            draft = Path(work) / name
            with collection.updates:
                collection.shard.flush()
                pack_collection(collection.path, Path(work), draft)
            return publish(draft, self.folder_of(collection) / name)

    def create_full(self) -> dict[str, Any]:
        """Snapshot everything. The collection snapshots stay behind as files, as upstream."""
        made = {one.name: self.create(one)["name"] for one in self._catalogue.all()}
        name = f"full-snapshot-{time_stamp()}.snapshot"
        with tempfile.TemporaryDirectory(dir=self.temporary) as work:
            folder = Path(work)
            for collection, file in made.items():
                (folder / file).hardlink_to(self.folder / collection / file)
            aliases = self._catalogue.aliases.mapping()
            contents = {"collections_mapping": made, "collections_aliases": aliases}
            write_json(folder / "config.json", contents)
            pack_files(folder, [*made.values(), "config.json"], folder / name)
            return publish(folder / name, self.folder / name)
