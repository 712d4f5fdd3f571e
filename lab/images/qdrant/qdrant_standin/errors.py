"""Errors as the REST interface shows them: a status and a text."""

import itertools


class ApiError(Exception):
    """An answer other than success: HTTP status and the text under ``status.error``."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.text = text


class StartFailure(Exception):
    """The stored files cannot be served; the process ends with exit code 101."""


class MalformedArchive(Exception):
    """A snapshot file that is no complete tar archive of a collection."""


_task_numbers = itertools.count(12)


def wrong_input(text: str) -> ApiError:
    """400: the request contradicts the stored state."""
    return ApiError(400, f"Wrong input: {text}")


def bad_json(text: str) -> ApiError:
    """400: the body is no JSON, or not of the expected shape."""
    return ApiError(400, f"Format error in JSON body: {text}")


def not_found(text: str) -> ApiError:
    """404 with the server's prefix."""
    return ApiError(404, f"Not found: {text}")


def no_collection(name: str) -> ApiError:
    """404 for a collection (or alias) nobody created."""
    return not_found(f"Collection `{name}` doesn't exist!")


def already_exists(name: str) -> ApiError:
    """409 for a name that is taken by a collection."""
    return ApiError(409, f"Wrong input: Collection `{name}` already exists!")


def internal(text: str) -> ApiError:
    """500: the server failed, not the request."""
    return ApiError(500, f"Service internal error: {text}")


def task_panicked(message: str) -> ApiError:
    """500 as a server answers when the thread that did the read gave up."""
    return internal(f'task {next(_task_numbers)} panicked with message "{message}"')
