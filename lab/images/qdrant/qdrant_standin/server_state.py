"""What every route may use."""

from dataclasses import dataclass

from .catalogue import Catalogue
from .snapshots import Snapshots


@dataclass(frozen=True)
class State:
    """The open collections and the snapshots folder."""

    catalogue: Catalogue
    snapshots: Snapshots
