"""One place where failures of the storage engine become answers of the server."""

from collections.abc import Iterator
from contextlib import contextmanager

from . import logs
from .errors import ApiError, internal, task_panicked, wrong_input

_UNREADABLE = ("is not readable", "is out of bounds")


@contextmanager
def engine_call() -> Iterator[None]:
    """Run engine code; raises only ApiError.

    A vector that the files no longer hold makes a 1.18.3 server's task panic; this
    engine (0.9.0) reports it as an error instead, so the panic's wording is restored.
    """
    try:
        yield
    except ApiError:
        raise
    except Exception as error:
        raise _answer(str(error)) from error
    except BaseException as panic:  # the engine's panics derive from BaseException
        if type(panic).__name__ != "PanicException":
            raise
        logs.error("qdrant::startup", f"Panic occurred in the storage engine: {panic}")
        raise task_panicked(str(panic)) from panic


def _answer(text: str) -> ApiError:
    prefix = "Service runtime error: "
    if not text.startswith(prefix):
        return wrong_input(text)
    reason = text.removeprefix(prefix)
    logs.error("collection::shards", f"read or update failed: {reason}")
    if any(sign in reason for sign in _UNREADABLE):
        return task_panicked(f"Vector not found: {reason}")
    return internal(reason)
