"""A web server on loopback that answers as it is told, well or badly; it needs no portal."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest


@dataclass
class Reply:
    """One answer. `sent` bytes of the body leave at once, the rest never or, with `every`, one by one."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    kind: str = "text/turtle"
    etag: str = ""
    #: Break off after so many bytes.
    cut: int | None = None
    #: Seconds before each byte.
    every: float = 0.0
    #: Seconds before the answer.
    after: float = 0.0
    #: More bytes than this are made up, a megabyte at a time.
    endless: bool = False


class Handler(BaseHTTPRequestHandler):
    """Answers from the replies of the source that its server belongs to."""

    server: Any
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.server.source.asked.append(self.path)
        reply = self.server.source.replies.get(self.path) or Reply(status=404, body=b"no hay", kind="text/plain")
        reply = reply(self.path) if callable(reply) else reply
        try:
            self.reply(reply)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def do_POST(self) -> None:
        """The same, whatever is sent."""
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.do_GET()

    def reply(self, reply: Reply) -> None:
        time.sleep(reply.after)
        unchanged = reply.etag and self.headers.get("If-None-Match") == reply.etag
        self.send_response(304 if unchanged else reply.status)
        body = b"" if unchanged else reply.body
        headers = {"Content-Type": reply.kind, **({"ETag": reply.etag} if reply.etag else {}), **reply.headers}
        for name, value in headers.items():
            self.send_header(name, value)
        if reply.endless or reply.every:
            self.send_header("Connection", "close")
            self.close_connection = True
        elif not unchanged:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.body(reply, body)

    def body(self, reply: Reply, body: bytes) -> None:
        while reply.endless:
            self.wfile.write(b" " * 2**20)
        if reply.every:
            for byte in body:
                time.sleep(reply.every)
                self.wfile.write(bytes([byte]))
            return
        self.wfile.write(body[: reply.cut])
        if reply.cut is not None:
            self.close_connection = True

    def log_message(self, *_: Any) -> None:
        return


class Source:
    """The server: `replies` by path and query, `asked` in their order."""

    def __init__(self) -> None:
        self.replies: dict[str, Reply | Callable[[str], Reply]] = {}
        self.asked: list[str] = []
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.source = self  # type: ignore[attr-defined]
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def says(self, path: str, body: str | bytes = b"", **more: Any) -> str:
        """Answer a path; returns its address."""
        self.replies[path] = Reply(body=body.encode() if isinstance(body, str) else body, **more)
        return self.url + path


@pytest.fixture
def web() -> Iterator[Source]:
    """The server, running."""
    source = Source()
    thread = threading.Thread(target=source.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield source
    source.server.shutdown()
    source.server.server_close()
    thread.join()


@pytest.fixture
def reply() -> type[Reply]:
    """An answer of the server's."""
    return Reply
