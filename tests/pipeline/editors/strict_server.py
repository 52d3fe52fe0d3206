"""A strict server of edits on loopback: it speaks one dialect to the letter, and misbehaves when told to.

What is not as documented is answered with 400 and kept in `wrong`, so that a test sees it.
"""

import base64
import email.policy
import io
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.parser import BytesParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import numpy as np
from PIL import Image

KEY, MODEL = "sk-test-123", "edit-model-1"
Reply = Callable[["Handler", bytes], None]


@dataclass
class Strict:
    """What the server was asked, and how it shall answer. `replies` are used up one by one, then it edits."""

    dialect: str
    url_answers: bool = False
    replies: list[Reply] = field(default_factory=list)
    asked: list[dict[str, Any]] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    served: list[bytes] = field(default_factory=list)
    fetched_with: list[dict[str, str]] = field(default_factory=list)
    address: str = ""


def edited(pictures: list[bytes], size: tuple[int, int]) -> bytes:
    """The first picture with a red disc in it, at the size asked for; from nothing: a gradient."""
    if pictures:
        image = np.asarray(Image.open(io.BytesIO(pictures[0])).convert("RGB").resize(size)).copy()
    else:
        image = np.dstack([np.linspace(0, 255, size[0] * size[1]).reshape(size[1], size[0])] * 3).astype(np.uint8)
    y, x = np.ogrid[: size[1], : size[0]]
    image[(x - size[0] * 0.3) ** 2 + (y - size[1] * 0.6) ** 2 < (min(size) * 0.1) ** 2] = (220, 20, 30)
    out = io.BytesIO()
    Image.fromarray(image).save(out, "PNG")
    return out.getvalue()


class Wrong(Exception):
    """The request is not as documented."""


def need(condition: object, why: str) -> None:
    if not condition:
        raise Wrong(why)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: "Server"

    def log_message(self, *_: Any) -> None:
        pass

    def do_GET(self) -> None:
        state = self.server.state
        state.fetched_with.append(dict(self.headers))
        if self.path.startswith("/files/") and state.served:
            self.give(200, state.served[-1], "image/png")
        else:
            self.give(404, b"")

    def do_POST(self) -> None:
        state = self.server.state
        body = self.rfile.read(int(self.headers["content-length"]))
        if state.replies:
            state.replies.pop(0)(self, body)
            return
        try:
            asked = DIALECTS[state.dialect](self, body)
        except Wrong as error:
            state.wrong.append(str(error))
            self.give(400, json.dumps({"error": {"message": str(error), "code": "invalid_request"}}).encode())
            return
        state.asked.append(asked)
        picture = edited(asked["pictures"], asked["size"])
        state.served.append(picture)
        self.say(200, ANSWERS[state.dialect](picture, state.url_answers))

    def say(self, status: int, told: Any) -> None:
        self.give(status, json.dumps(told).encode())

    def give(self, status: int, data: bytes, kind: str = "application/json", **headers: str) -> None:
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(data)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(data)


class Server(ThreadingHTTPServer):
    daemon_threads = True
    state: Strict

    def handle_error(self, *_: Any) -> None:
        pass  # a client that lets go is what some tests are about


# --- the dialects, to the letter --------------------------------------------------------------------------------------
def _openai(handler: Handler, body: bytes) -> dict[str, Any]:
    need(handler.headers["authorization"] == f"Bearer {KEY}", "no bearer")
    if handler.path == "/v1/images/generations":
        told = json.loads(body)
        need(set(told) == {"model", "prompt", "n", "size"}, f"fields {sorted(told)}")
        need(told["n"] == 1, "n")
        return {"pictures": [], "prompt": told["prompt"], "size": _size(told["size"], "x"), "model": told["model"]}
    need(handler.path == "/v1/images/edits", f"path {handler.path}")
    head = f"content-type: {handler.headers['content-type']}\r\n\r\n".encode()
    form = BytesParser(policy=email.policy.HTTP).parsebytes(head + body)
    need(form.get_content_type() == "multipart/form-data", "not multipart")
    fields: dict[str, str] = {}
    pictures: list[tuple[str, bytes]] = []
    for part in form.iter_parts():
        name = str(part.get_param("name", header="content-disposition"))
        data = part.get_payload(decode=True)
        assert isinstance(data, bytes)
        if part.get_filename():
            need(part.get_content_type() == "image/png", "type of a picture")
            pictures.append((name, data))
        else:
            need(name not in fields, f"{name} twice")
            fields[name] = data.decode("utf-8")
    need(set(fields) == {"model", "prompt", "n", "size"}, f"fields {sorted(fields)}")
    need(fields["model"] == MODEL, "model")
    need(fields["n"] == "1", "n")
    need(0 < len(fields["prompt"]) <= 32000, "prompt")
    need(1 <= len(pictures) <= 16, "pictures")
    need({name for name, _ in pictures} == {"image" if len(pictures) == 1 else "image[]"}, "names of pictures")
    size = _size(fields["size"], "x")
    need(size[0] % 16 == size[1] % 16 == 0, "size by 16")
    return {"pictures": [data for _, data in pictures], "prompt": fields["prompt"], "size": size, "model": MODEL}


def _dashscope(handler: Handler, body: bytes) -> dict[str, Any]:
    need(handler.path == "/v1/api/v1/services/aigc/multimodal-generation/generation", f"path {handler.path}")
    need(handler.headers["authorization"] == f"Bearer {KEY}", "no bearer")
    told = json.loads(body)
    need(set(told) == {"model", "input", "parameters"}, "fields")
    messages = told["input"]["messages"]
    need(len(messages) == 1 and messages[0]["role"] == "user", "messages")
    content = messages[0]["content"]
    pictures = [_uri(part["image"]) for part in content[:-1]]
    need(1 <= len(pictures) <= 3, "pictures")
    need(set(content[-1]) == {"text"} and len(content[-1]["text"]) <= 800, "text")
    need(
        set(told["parameters"]) <= {"n", "size", "seed", "prompt_extend", "watermark", "negative_prompt"}, "parameters"
    )
    need(0 <= told["parameters"]["seed"] < 2**31, "seed")
    return {
        "pictures": pictures, "prompt": content[-1]["text"], "size": _size(told["parameters"]["size"], "*"),
        "model": told["model"],
    }  # fmt: skip


def _ark(handler: Handler, body: bytes) -> dict[str, Any]:
    need(handler.path == "/v1/images/generations", f"path {handler.path}")
    need(handler.headers["authorization"] == f"Bearer {KEY}", "no bearer")
    told = json.loads(body)
    allowed = {
        "model",
        "prompt",
        "image",
        "size",
        "seed",
        "sequential_image_generation",
        "response_format",
        "watermark",
    }
    need(set(told) <= allowed, "fields")
    need(told["sequential_image_generation"] == "disabled", "sequential")
    image = told.get("image", [])
    need(not isinstance(image, list) or len(image) != 1, "one picture is no list")
    pictures = [_uri(one) for one in (image if isinstance(image, list) else [image])]
    return {"pictures": pictures, "prompt": told["prompt"], "size": _size(told["size"], "x"), "model": told["model"]}


def _gemini(handler: Handler, body: bytes) -> dict[str, Any]:
    need(handler.path == f"/v1/models/{MODEL}:generateContent", f"path {handler.path}")
    need(handler.headers["x-goog-api-key"] == KEY, "no key")
    need("authorization" not in handler.headers, "bearer")
    told = json.loads(body)
    need(set(told) == {"contents", "generationConfig"}, "fields")
    need(told["generationConfig"]["responseModalities"] == ["IMAGE"], "modalities")
    wide, high = map(int, told["generationConfig"]["imageConfig"]["aspectRatio"].split(":"))
    parts = told["contents"][0]["parts"]
    pictures = [base64.b64decode(part["inlineData"]["data"], validate=True) for part in parts[:-1]]
    need(len(pictures) <= 14, "pictures")
    side = 768
    return {
        "pictures": pictures, "prompt": parts[-1]["text"], "model": MODEL,
        "size": (side * wide // max(wide, high), side * high // max(wide, high)),
    }  # fmt: skip


def _size(text: str, between: str) -> tuple[int, int]:
    width, _, height = text.partition(between)
    need(width.isdigit() and height.isdigit(), f"size {text}")
    return int(width), int(height)


def _uri(text: str) -> bytes:
    need(text.startswith("data:image/png;base64,"), "data uri")
    data = base64.b64decode(text.partition(",")[2], validate=True)
    need(data.startswith(b"\x89PNG"), "png")
    return data


DIALECTS = {"openai": _openai, "dashscope": _dashscope, "ark": _ark, "gemini": _gemini}


def _listed(picture: bytes, url: bool) -> Any:
    return {
        "created": 1,
        "data": [{"url": "/files/1.png"} if url else {"b64_json": base64.b64encode(picture).decode()}],
    }


ANSWERS: dict[str, Callable[[bytes, bool], Any]] = {
    "openai": _listed,
    "ark": _listed,
    "dashscope": lambda picture, url: {
        "output": {"choices": [{"finish_reason": "stop", "message": {"role": "assistant", "content": [
            {"image": "/files/1.png" if url else "data:image/png;base64," + base64.b64encode(picture).decode()}
        ]}}]},
    },
    "gemini": lambda picture, url: {
        "candidates": [{"finishReason": "STOP", "content": {"parts": [
            {"text": "Here it is."},
            {"inlineData": {"mimeType": "image/png", "data": base64.b64encode(picture).decode()}},
        ]}}],
    },
}  # fmt: skip


@contextmanager
def serving(dialect: str = "openai", **told: Any) -> Iterator[Strict]:
    """A server on loopback while the block lasts."""
    server = Server(("127.0.0.1", 0), Handler)
    server.state = Strict(dialect, **told)
    server.state.address = f"http://127.0.0.1:{server.server_address[1]}/v1"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server.state
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
