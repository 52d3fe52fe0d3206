"""A hub on loopback: Hugging Face's and ModelScope's listings, files with ranges, and bad days."""

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

REPOSITORY = "maker/editor"


@dataclass
class Hub:
    """`files` of the one repository. `break_after`: bytes after which each of the next `breaks` answers is cut;
    `corrupt`: a file that comes with a wrong byte; `gated`: whom it lets in."""

    files: dict[str, bytes]
    break_after: int = 0
    breaks: int = 0
    corrupt: str = ""
    gated: str = ""
    ranges: bool = True
    page: int = 1000
    asked: list[tuple[str, str]] = field(default_factory=list)
    sent: int = 0
    address: str = ""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: "Server"

    def log_message(self, *_: Any) -> None:
        pass

    def do_GET(self) -> None:
        hub = self.server.hub
        parts = urlsplit(self.path)
        path, query = unquote(parts.path), parse_qs(parts.query)
        hub.asked.append((path, self.headers.get("range", "")))
        if hub.gated and self.headers.get("authorization") != f"Bearer {hub.gated}":
            self.give(401, b"{}")
        elif path == f"/api/models/{REPOSITORY}/tree/main":
            self.tree(int(query.get("cursor", ["0"])[0]))
        elif path == f"/api/v1/models/{REPOSITORY}/repo/files":
            listed = [
                {"Path": name, "Size": len(data), "Type": "blob", "Sha256": hashlib.sha256(data).hexdigest()}
                for name, data in hub.files.items()
            ]
            told = [{"Path": "vae", "Type": "tree", "Size": 0}, *listed]
            self.give(200, json.dumps({"Code": 200, "Data": {"Files": told}}).encode())
        elif path.startswith((f"/{REPOSITORY}/resolve/main/", f"/models/{REPOSITORY}/resolve/master/")):
            self.file(path.split("/resolve/", 1)[1].split("/", 1)[1])
        else:
            self.give(404, b"{}")

    def tree(self, cursor: int) -> None:
        hub = self.server.hub
        told: list[dict[str, Any]] = [{"type": "directory", "path": "vae", "size": 0}]
        for name, data in list(hub.files.items())[cursor : cursor + hub.page]:
            one: dict[str, Any] = {"type": "file", "path": name, "size": len(data)}
            if name.endswith(".safetensors"):  # as on the hub, only large files have a SHA-256
                one["lfs"] = {"oid": hashlib.sha256(data).hexdigest(), "size": len(data)}
            told.append(one)
        links = {}
        if cursor + hub.page < len(hub.files):
            links["link"] = f'<{hub.address}/api/models/{REPOSITORY}/tree/main?cursor={cursor + hub.page}>; rel="next"'
        self.give(200, json.dumps(told).encode(), **links)

    def file(self, name: str) -> None:
        hub = self.server.hub
        data = hub.files.get(name)
        if data is None:
            self.give(404, b"")
            return
        if name == hub.corrupt:
            data = bytes([data[0] ^ 1]) + data[1:]
        told, begin = self.headers.get("range", ""), 0
        if told and hub.ranges:
            begin = int(told.removeprefix("bytes=").rstrip("-"))
            if begin >= len(data):
                self.give(416, b"")
                return
        body = data[begin:]
        self.send_response(206 if begin else 200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        if hub.breaks and len(body) > hub.break_after:
            hub.breaks -= 1
            body = body[: hub.break_after]
            self.close_connection = True
        hub.sent += len(body)
        self.wfile.write(body)

    def give(self, status: int, data: bytes, **headers: str) -> None:
        self.send_response(status)
        self.send_header("content-length", str(len(data)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)


class Server(ThreadingHTTPServer):
    daemon_threads = True
    hub: Hub


@contextmanager
def serving(files: dict[str, bytes], **told: Any) -> Iterator[Hub]:
    server = Server(("127.0.0.1", 0), Handler)
    server.hub = Hub(files, **told)
    server.hub.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server.hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
