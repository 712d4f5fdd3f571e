"""Snapshots: make, list, download, delete, upload, recover."""

import tempfile
import threading
from collections.abc import Callable
from pathlib import Path

from . import logs, snapshot_files
from .errors import ApiError, bad_json
from .http_answer import Answer, accepted, file_answer, ok, text_answer
from .http_request import Request, required
from .multipart import save_file_field
from .recovery import check, fetch, recover
from .server_state import State

_PRIORITIES = (None, "no_sync", "snapshot", "replica")


def _folder(state: State, request: Request) -> Path:
    return state.snapshots.folder_of(state.catalogue.get(request.path["collection"]))


def create(state: State, request: Request) -> Answer:
    """POST /collections/<name>/snapshots."""
    collection = state.catalogue.get(request.path["collection"])
    return _perform(request, lambda: state.snapshots.create(collection))


def create_full(state: State, request: Request) -> Answer:
    """POST /snapshots."""
    return _perform(request, state.snapshots.create_full)


def listing(state: State, request: Request) -> Answer:
    """GET /collections/<name>/snapshots."""
    return ok(snapshot_files.listing(_folder(state, request)), request.seconds())


def full_listing(state: State, request: Request) -> Answer:
    """GET /snapshots."""
    return ok(snapshot_files.listing(state.snapshots.folder), request.seconds())


def download(state: State, request: Request) -> Answer:
    """GET /collections/<name>/snapshots/<file>; its 404 is plain text."""
    return _file(lambda: snapshot_files.find(_folder(state, request), request.path["file"]))


def full_download(state: State, request: Request) -> Answer:
    """GET /snapshots/<file>."""
    return _file(lambda: snapshot_files.find(state.snapshots.folder, request.path["file"]))


def _file(find: Callable[[], Path]) -> Answer:
    try:
        return file_answer(find())
    except ApiError as error:
        return text_answer(error.text, error.status)


def delete(state: State, request: Request) -> Answer:
    """DELETE /collections/<name>/snapshots/<file>."""
    snapshot_files.delete(_folder(state, request), request.path["file"])
    return ok(True, request.seconds())


def full_delete(state: State, request: Request) -> Answer:
    """DELETE /snapshots/<file>."""
    snapshot_files.delete(state.snapshots.folder, request.path["file"])
    return ok(True, request.seconds())


def upload(state: State, request: Request) -> Answer:
    """POST /collections/<name>/snapshots/upload: the file is kept among the snapshots."""
    _require_priority(request.parameter("priority"))
    name = state.catalogue.resolve(request.path["collection"])
    checksum = request.parameter("checksum")
    with tempfile.TemporaryDirectory(dir=state.snapshots.temporary) as work:
        spooled = save_file_field(request.body, request.content_type, "snapshot", Path(work))
        file_name, draft = spooled
        if checksum is not None:
            actual = snapshot_files.sha256_of(draft)
            if actual != checksum.lower():
                # The two are swapped in the server's own text; it is the recorded wording.
                raise ApiError(400, f"Checksum mismatch: expected {actual}, actual {checksum}")
        kept = state.snapshots.folder / name / file_name
        kept.parent.mkdir(exist_ok=True)
        draft.rename(kept)

    def work_on_it() -> bool:
        recover(state.catalogue, name, kept)
        return True

    return _perform(request, work_on_it)


def recover_from(state: State, request: Request) -> Answer:
    """PUT /collections/<name>/snapshots/recover: from a file of this server or a URL."""
    body = request.json()
    _require_priority(body.get("priority"))
    location = required(body, "location")
    name = request.path["collection"]

    def work_on_it() -> bool:
        with tempfile.TemporaryDirectory(dir=state.snapshots.temporary) as work:
            archive = fetch(location, state.snapshots.folder, Path(work))
            check(archive, body.get("checksum"))
            recover(state.catalogue, name, archive)
        return True

    return _perform(request, work_on_it)


def _require_priority(priority: str | None) -> None:
    if priority not in _PRIORITIES:
        raise bad_json(f"unknown variant `{priority}`, expected one of `no_sync`, `snapshot`, `replica`")


def _perform(request: Request, work: Callable[[], object]) -> Answer:
    """Do it and answer; with ``wait=false`` answer 202 at once, errors go to the log."""
    if request.waits(default=True):
        return ok(work(), request.seconds())

    def in_background() -> None:
        try:
            work()
        except Exception as error:
            logs.error("storage::snapshots", f"{request.method} failed: {error}")

    threading.Thread(target=in_background, daemon=True).start()
    return accepted(request.seconds())
