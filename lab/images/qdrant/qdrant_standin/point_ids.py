"""Point ids: unsigned 64-bit integers, or UUIDs."""

from uuid import UUID

from .errors import bad_json

PointId = int | UUID

_U64_MAX = 2**64 - 1


def point_id(value: object) -> PointId:
    """The id a request means; 400 for anything but a u64 or a UUID."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _U64_MAX:
        return value
    if isinstance(value, str):
        try:
            return UUID(value)
        except ValueError:
            pass
    raise bad_json(
        f"value {value} is not a valid point ID, valid values are either an unsigned integer or a UUID"
    )


def point_ids(values: list[object]) -> list[int | UUID | str]:
    """The ids a request lists; the type is the engine's."""
    return [point_id(value) for value in values]


def point_id_of_path(text: str) -> PointId:
    """The id in ``/points/<id>``; 400 for anything else."""
    return point_id(int(text) if text.isdecimal() else text)
