"""Another bot framework, as docs/http.md tells it to talk to us: it signs by itself and shares nothing with our side."""

import base64
import hashlib
import hmac
import itertools
import json
import time
import uuid
from typing import Any

import httpx

SECRET = "a secret of sixteen letters or more"


class Bridge:
    """One side of the endpoint. ``heard``: what was to be said, in order, each key once."""

    def __init__(self, url: str, name: str = "bot", secret: str = SECRET) -> None:
        self.http, self.name, self.secret = httpx.Client(base_url=url, timeout=70), name, secret
        self.numbers, self.heard, self.keys = itertools.count(1), [], set[str]()

    def sign(self, path: str, body: bytes, at: float | None = None, nonce: str = "") -> dict[str, str]:
        """The headers of a call."""
        told, nonce = str(int(at if at is not None else time.time())), nonce or uuid.uuid4().hex
        text = f"{told}\n{nonce}\n{path}\n".encode() + body
        sign = hmac.new(self.secret.encode(), text, hashlib.sha256).hexdigest()
        return {"X-Heying-Time": told, "X-Heying-Nonce": nonce, "X-Heying-Sign": sign}

    def call(self, path: str, told: Any) -> httpx.Response:
        """A signed call with JSON."""
        body = json.dumps(told).encode()
        return self.http.post(path, content=body, headers=self.sign(path, body))

    def say(self, user: str, text: str = "", photos: tuple[bytes, ...] = (), **more: Any) -> httpx.Response:
        """Hand a message in."""
        pictures = [{"data": base64.b64encode(data).decode(), "name": f"{n}.png"} for n, data in enumerate(photos)]
        told = {"id": f"m{next(self.numbers)}", "bridge": self.name, "user": user, "text": text, "photos": pictures}
        return self.call("/v1/messages", {**told, **more})

    def poll(self, wait: float = 0.0, ack: bool = True) -> list[dict[str, Any]]:
        """What is to be said now; acknowledged, with numbers of messages, unless somebody trips over the cable."""
        answer = self.call("/v1/poll", {"bridge": self.name, "wait": wait, "most": 20})
        assert answer.status_code == 200, answer.text
        found = answer.json()["messages"]
        new = [one for one in found if one["key"] not in self.keys]
        if ack:
            self.keys |= {one["key"] for one in found}
            self.heard += new
            done = {one["key"]: [f"shown-{one['key']}"] for one in found}
            assert self.call("/v1/ack", {"bridge": self.name, "done": done}).json() == {"unknown": []}
        return new

    def listen(self, count: int = 1, seconds: float = 20.0) -> list[dict[str, Any]]:
        """The next ``count`` messages."""
        new, until = [], time.monotonic() + seconds
        while len(new) < count and time.monotonic() < until:
            new += self.poll(wait=0.5)
        return new


def picture_of(told: dict[str, str]) -> bytes:
    """The bytes of a picture that is to be shown."""
    return base64.b64decode(told["data"], validate=True)
