"""The HTTP side: one thread per connection, keep-alive, streamed bodies both ways."""

import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from . import logs
from .errors import ApiError
from .http_answer import Answer, bare, failure, gzipped
from .http_request import Body, ChunkedBody, Request, SizedBody
from .router import OPEN_PATHS, find_route
from .server_state import State
from .settings import Settings

# What is left of a refused body is read up to here to keep the connection usable.
_DRAIN_BYTES = 8 << 20


class Server(ThreadingHTTPServer):
    """Listens; knows the settings and the state the routes work on."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, settings: Settings, state: State) -> None:
        self.settings = settings
        self.state = state
        super().__init__((settings.host, settings.port), Handler)

    def handle_error(self, request: object, client_address: object) -> None:
        """A connection broke; whoever was at the other end knows."""


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    server: Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 1 << 16

    def do_GET(self) -> None:
        """Answer; the other methods are the same."""
        started = time.perf_counter()
        body = self._body()
        answer = self._answer(body, started)
        self._drain(body)
        sent = self._send(answer)
        self._log(answer.status, sent, time.perf_counter() - started)

    do_POST = do_PUT = do_DELETE = do_PATCH = do_GET

    def _answer(self, body: Body, started: float) -> Answer:
        try:
            return self._refusal() or self._routed(body, started)
        except ApiError as error:
            return failure(error.status, error.text, time.perf_counter() - started)
        except ConnectionError:
            raise
        except (TypeError, KeyError, AttributeError) as error:
            # Bodies have no schema here: a value of a wrong type is noticed where it is used.
            logs.warn("qdrant::actix", f"{self.command} {self.path} refused: {error!r}")
            text = f"Format error in JSON body: invalid type: {error}"
            return failure(400, text, time.perf_counter() - started)
        except Exception as error:
            logs.error("qdrant::actix", f"{self.command} {self.path} failed: {error!r}")
            text = f"Service internal error: {error}"
            return failure(500, text, time.perf_counter() - started)

    def _refusal(self) -> Answer | None:
        """401 for a missing or wrong key, None if the request may pass."""
        key = self.server.settings.api_key
        if key is None or urlsplit(self.path).path in OPEN_PATHS:
            return None
        bearer = self.headers.get("authorization", "").removeprefix("Bearer ")
        given = self.headers.get("api-key") or bearer
        if not given:
            return bare(401, "Must provide an API key or an Authorization bearer token")
        return None if given == key else bare(401, "Invalid API key or JWT")

    def _routed(self, body: Body, started: float) -> Answer:
        url = urlsplit(self.path)
        found = find_route(self.command, url.path)
        if found is None:
            return bare(404)
        route, names = found
        content_type = self.headers.get("content-type", "")
        limit = self.server.settings.max_body_bytes
        request = Request(self.command, body, content_type, url.query, limit, started, names)
        return route(self.server.state, request)

    def _body(self) -> Body:
        if "chunked" in self.headers.get("transfer-encoding", "").lower():
            return ChunkedBody(self.rfile)
        return SizedBody(self.rfile, int(self.headers.get("content-length") or 0))

    def _drain(self, body: Body) -> None:
        left = _DRAIN_BYTES
        while left > 0 and (piece := body.read(1 << 16)):
            left -= len(piece)
        if left <= 0:
            self.close_connection = True

    def _send(self, answer: Answer) -> int:
        packed = answer.content_type is not None and "gzip" in self.headers.get("accept-encoding", "")
        chunked = packed and self.request_version == "HTTP/1.1"
        self.send_response_only(answer.status)
        if answer.content_type is not None:
            self.send_header("content-type", answer.content_type)
        if chunked:
            self.send_header("content-encoding", "gzip")
            self.send_header("vary", "accept-encoding")
            self.send_header("transfer-encoding", "chunked")
        else:
            self.send_header("content-length", str(answer.length))
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if self.close_connection:
            self.send_header("connection", "close")
        self.end_headers()
        return self._send_content(answer, chunked)

    def _send_content(self, answer: Answer, chunked: bool) -> int:
        sent = 0
        for piece in gzipped(answer.pieces()) if chunked else answer.pieces():
            self.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece) if chunked else piece)
            sent += len(piece)
        if chunked:
            self.wfile.write(b"0\r\n\r\n")
        self.wfile.flush()
        return sent

    def _log(self, status: int, sent: int, seconds: float) -> None:
        path = urlsplit(self.path).path
        if path not in OPEN_PATHS:
            line = f'{self.client_address[0]} "{self.requestline}" {status} {sent} {seconds:.6f}'
            logs.info("actix_web::middleware::logger", line)

    def log_message(self, format: str, *args: object) -> None:
        """The base class's own lines (malformed requests)."""
        logs.warn("qdrant::actix", format % args)
