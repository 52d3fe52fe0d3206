"""An editor behind an address: someone else's computer, a server in the next room, a provider.

What is sent is what has to be: the window, one or two references, an instruction without names. What comes back is not
trusted: its size, time, type and picture are checked. An edit costs money, so it is asked for again only where it surely
was not begun: no connection, or turned away at the door (429, 503). A refusal is told to the user.
"""

import io
import json
import random
import socket
import ssl
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, ClassVar
from urllib.parse import urljoin, urlsplit

import httpx
from PIL import Image

from pipeline.editors.answers import Hold, body, garbled, late, picture, public, refusal
from pipeline.editors.dialects import DIALECTS, Answer, Ask, Call, Dialect, Unreadable, error_of, refuses
from pipeline.editors.engine import Style
from pipeline.editors.rows import Row, fitting
from pipeline.editors.settings import ServerSettings
from pipeline.engine import Check, EngineError, Pixels, Progress, Work

STAGE = "等服务器画"
CONNECT = 10.0  # seconds
ATTEMPTS = 3  # of connecting and of being let in
PATIENCE = 20.0  # seconds at most between two attempts
NOT_BEGUN = (429, 503)
PLAIN = {"accept-encoding": "identity"}  # so that a small answer cannot become a large one
TICK = 0.5  # seconds between two signs of life


@dataclass(slots=True)
class Server:
    """A server as a painter."""

    settings: ServerSettings
    kind: ClassVar[str] = "server"
    leaves_machine: ClassVar[bool] = True

    @classmethod
    def open(cls, settings: ServerSettings) -> "Server":
        """Check what is configured; nothing is sent. Raises EngineError."""
        dialect = DIALECTS.get(settings.dialect)
        if dialect is None:
            raise EngineError(
                f'config.toml 里的 dialect = "{settings.dialect}" 我不认识，请写 {"、".join(DIALECTS)} 之一。',
                f"unknown dialect {settings.dialect}",
            )
        if not (settings.address or dialect.address):
            raise EngineError("编辑服务器没有地址，请在 config.toml 里写 address。", "server without address")
        if not settings.model:
            raise EngineError(
                "编辑服务器没有写用哪个模型，请在 config.toml 里写 model；名字要问服务商，过时的名字会被拒绝。",
                "server without model",
            )
        return cls(settings)

    @property
    def dialect(self) -> Dialect:
        """How it is asked."""
        return DIALECTS[self.settings.dialect]

    @property
    def address(self) -> str:
        """Without a slash at its end."""
        return (self.settings.address or self.dialect.address).rstrip("/")

    @property
    def host(self) -> str:
        """Whom pictures are sent to, with the port where it is not the usual one."""
        return urlsplit(self.address).netloc.rpartition("@")[2]

    @property
    def style(self) -> Style:
        """As configured."""
        most = self.settings.pictures or self.dialect.pictures
        return Style(self.settings.language, most, min(2, most - 1), self.settings.side, self.dialect.draws)

    @property
    def title(self) -> str:
        """The model's name, as configured."""
        return f"服务器上的 {self.settings.model}"

    def size(self, ratio: float) -> tuple[int, int]:
        """Multiples of 32 of about the configured area."""
        return fitting(Row("", "zh", 1, 1, None, "", side=self.settings.side), ratio)

    def facts(self) -> dict[str, Any]:
        """Model and price."""
        return {"model": self.settings.model, "dialect": self.settings.dialect, "price": self.settings.price}

    def check(self) -> Sequence[Check]:
        """Whether something listens at the address; nothing is sent."""
        parts = urlsplit(self.address)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        notice = "用它改图时，照片会发到这台服务器上。"
        try:
            socket.create_connection((parts.hostname or "", port), 3).close()
        except OSError as error:
            why = f"连不上 {parts.hostname}:{port}，请检查 address 和网络。{notice}"
            return [Check("编辑服务器", False, f"{why}（{type(error).__name__}）")]
        if not self.settings.key and self.settings.address == "":
            return [Check("编辑服务器", False, f"没有密钥，请设置环境变量 {self.dialect.variable}。{notice}")]
        return [Check("编辑服务器", True, f"{parts.hostname} 连得上，模型 {self.settings.model}。{notice}")]

    def paint(self, pictures: Sequence[Pixels], instruction: str, size: tuple[int, int], seed: int) -> Work[Pixels]:
        """The first picture, edited. Progress is the time that has gone. Closing the generator lets go of the answer; what
        the server has begun may be charged."""
        model = self.settings.model
        ask = Ask([_png(one) for one in pictures[: self.style.most]], instruction, size, seed, model)
        began, total = time.monotonic(), max(int(self.settings.seconds), 1)
        hold, outcome = Hold(began + self.settings.seconds), SimpleQueue[Pixels | BaseException]()

        def run() -> None:
            try:
                outcome.put(self._painted(ask, hold))
            except BaseException as error:  # handed over to whoever waits
                outcome.put(error)

        Thread(target=run, daemon=True).start()
        try:
            while True:
                yield Progress(min(int(time.monotonic() - began), total), total, STAGE)
                try:
                    made = outcome.get(timeout=TICK)
                except Empty:
                    continue
                if isinstance(made, BaseException):
                    raise made
                return made
        finally:
            hold.stopped.set()

    # -- its parts -----------------------------------------------------------------------------------------------------
    def _painted(self, ask: Ask, hold: Hold) -> Pixels:
        timeout = httpx.Timeout(self.settings.seconds, connect=CONNECT)
        with httpx.Client(timeout=timeout, headers=PLAIN, verify=_trusted()) as client:
            answer = self._asked(client, self.dialect.call(ask, self.settings.key), hold)
            if answer.refused is not None:
                raise refusal(self._clean(answer.refused))
            data = answer.picture
            if data is None and answer.url is not None:
                data = self._fetched(client, answer.url, hold)
        if data is None:
            raise garbled("no picture")
        return picture(data)

    def _asked(self, client: httpx.Client, call: Call, hold: Hold) -> Answer:
        """The answer to one edit, which is begun at most once."""
        sent: dict[str, Any] = (
            {"json": call.json} if call.json is not None else {"data": call.data, "files": call.files}
        )
        for attempt in range(1, ATTEMPTS + 1):
            last = attempt == ATTEMPTS
            try:
                with client.stream("POST", self.address + call.path, headers=call.headers, **sent) as response:
                    wait = None
                    if response.status_code in NOT_BEGUN and not last:
                        wait = _wait(response.headers.get("retry-after", ""), attempt)
                    if wait is None or time.monotonic() + wait > hold.until:
                        return self._read(response.status_code, body(response, self._most, hold))
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                if last:
                    raise EngineError(
                        "连不上编辑服务器，照片还没有发出去。过一会儿再试，或者换一种方法。", f"no connection: {error}"
                    ) from None
                wait = 0.2 * 2**attempt
            except httpx.TimeoutException as error:
                raise late(type(error).__name__) from None
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                raise EngineError(
                    "编辑服务器中途断开了，没有拿到图。这次可能已经计费，要不要再来一次由你决定。",
                    f"connection broke: {type(error).__name__}",
                ) from None
            hold.check()
            hold.pause(wait)
        raise AssertionError("the last attempt returns or raises")

    @property
    def _most(self) -> int:
        return int(self.settings.megabytes * 1e6)

    def _read(self, status: int, data: bytes) -> Answer:
        """What an answer says. Raises EngineError."""
        try:
            body = json.loads(data)
        except (ValueError, RecursionError):
            body = None
        if status >= 300:
            raise self._failure(status, *error_of(body))
        if body is None:
            raise garbled("no JSON")
        try:
            return self.dialect.read(body)
        except Unreadable as error:
            code, message = error_of(body)
            if refuses(code, message):
                raise refusal(self._clean(f"{code} {message}")) from None
            raise garbled(str(error)) from None

    def _failure(self, status: int, code: str, message: str) -> EngineError:
        """An error status as a sentence."""
        log = f"status {status}, {self._clean(code)}: {self._clean(message)}"
        if refuses(code, message):
            return refusal(log)
        if status in (401, 403):
            return EngineError("编辑服务器不认这把密钥，请管理员检查环境变量里的密钥和它的权限。", log)
        if status == 404 or "model" in f"{code} {message}".lower():
            return EngineError(
                f"编辑服务器说没有 {self.settings.model} 这个模型，或者不让用。模型名常常过期，请管理员问服务商要新名字，"
                "改 config.toml 里的 model。",
                log,
            )
        if status in (402, 429):
            return EngineError("编辑服务器说用得太多或者余额不足，过一会儿再试，或者换一种方法。", log)
        if status == 413:
            return EngineError("照片对编辑服务器来说太大了，换一种方法试试。", log)
        if status >= 500:
            return EngineError("编辑服务器出错了，没有画成。过一会儿再试，或者换一种方法。", log)
        return EngineError("编辑服务器不接受这个请求，没有画成。换个说法，或者换一种方法。", log)

    def _clean(self, text: str) -> str:
        """Foreign words for the log: printable, short, without the key."""
        shown = "".join(letter if letter.isprintable() else " " for letter in text)[:300]
        return shown.replace(self.settings.key, "***") if self.settings.key else shown

    def _fetched(self, client: httpx.Client, url: str, hold: Hold) -> bytes:
        """The picture at an address that the answer names, which may be relative. The key is not sent along."""
        own = urlsplit(self.address)
        try:
            target = urljoin(self.address + "/", url)
            other = urlsplit(target)
        except ValueError:
            raise garbled("picture at no address") from None
        same = (own.scheme, own.netloc) == (other.scheme, other.netloc)
        if not same and not (other.scheme == "https" and public(other.hostname or "")):
            raise garbled("picture at an address that is not public")
        try:
            with client.stream("GET", target, follow_redirects=False) as response:
                if response.status_code != 200:
                    raise garbled(f"picture: status {response.status_code}")
                return body(response, self._most, hold)
        except httpx.TimeoutException as error:
            raise late(type(error).__name__) from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise garbled(f"picture: {type(error).__name__}") from None


@cache
def _trusted() -> ssl.SSLContext:
    """Whom connections trust; reading all certificates takes longer than the rest of a request."""
    return httpx.create_ssl_context()


def _wait(retry_after: str, attempt: int) -> float | None:
    """Seconds until the next attempt, as the server says; None when it wants more patience than we have."""
    try:
        seconds = float(retry_after) if retry_after else 0.5 * 2**attempt * (1 + random.random() / 4)
    except ValueError:
        seconds = 0.5 * 2**attempt
    return seconds if 0 <= seconds <= PATIENCE else None


def _png(picture: Pixels) -> bytes:
    out = io.BytesIO()
    Image.fromarray(picture).save(out, "PNG", compress_level=3)
    return out.getvalue()
