"""A Bot API server on loopback: real HTTP, long polling, webhooks, files, and the faults that a network has.

It runs in a thread of its own, so a test can be a person while bots in other processes talk to it.
"""

import asyncio
import contextlib
import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any

from aiohttp import ClientSession, ClientTimeout, web
from aiohttp.web_request import FileField

from tests.telegram.checked import check, parameters
from tests.telegram.methods import METHODS, SENDING, Flood, Refused, bad
from tests.telegram.world import Json, World

JSON_PARAMETERS = frozenset(
    {"reply_markup", "reply_parameters", "media", "stickers", "sticker", "commands", "scope", "allowed_updates"}
)
OWN = ("getUpdates", "setWebhook", "deleteWebhook", "getWebhookInfo")


@dataclass
class Faults:
    """How bad the network is: shares of calls that are dropped (before they are acted on; polls also afterwards) and
    that are answered 429, share of updates that come twice. ``plan`` has a say first, for single calls."""

    drops: float = 0.0
    floods: float = 0.0
    twice: float = 0.0
    retry_after: int = 1
    plan: list[tuple[str, str]] = field(
        default_factory=list
    )  # (method, "drop" | "lose" | "flood" | "break"), each once
    random: Random = field(default_factory=lambda: Random(0))

    def next(self, method: str) -> str:
        """What goes wrong with a call: "" nothing, "drop", "lose" (acted on, the answer dropped), "flood", "break"."""
        for place, (planned, what) in enumerate(self.plan):
            if planned == method:
                del self.plan[place]
                return what
        if self.random.random() < self.drops:
            return "lose" if method == "getUpdates" and self.random.random() < 0.5 else "drop"
        if method in SENDING and self.random.random() < self.floods:
            return "flood"
        return ""


class Server:
    """The server. ``url`` is its address; ``calls`` counts what was asked, ``faulty`` what went wrong on purpose;
    ``problems`` are mistakes of our own answers and of the bot's requests, which no test may leave behind."""

    def __init__(self, world: World | None = None, faults: Faults | None = None) -> None:
        self.world, self.faults, self.flood = world or World(), faults or Faults(), Flood()
        self.calls: Counter[str] = Counter()
        self.faulty: Counter[str] = Counter()
        self.again = 0  # updates that came once more
        self.problems: list[str] = []
        self.log: list[tuple[str, Json]] = []
        self.secrets: list[str] = []
        self._polls: list[asyncio.Event] = []
        self._stopping = False
        self._loop = asyncio.new_event_loop()
        self._news = asyncio.Event()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> "Server":
        self._thread.start()
        self.port = asyncio.run_coroutine_threadsafe(self._start(), self._loop).result(10)
        self.url = f"http://127.0.0.1:{self.port}"
        self.world.news.append(lambda: self._loop.call_soon_threadsafe(self._news.set))
        return self

    def __exit__(self, *error: object) -> None:
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def _start(self) -> int:
        server = web.Application(client_max_size=100_000_000)
        server.router.add_route("*", "/bot{token}/{method}", self._method)
        server.router.add_get("/file/bot{token}/{path:.+}", self._file)
        self._runner = web.AppRunner(server, access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self._pushing = asyncio.create_task(self._push())
        sockets = site._server.sockets  # type: ignore[union-attr]
        return int(sockets[0].getsockname()[1])

    async def _stop(self) -> None:
        self._pushing.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._pushing
        self._stopping = True
        await self._runner.cleanup()
        left = asyncio.all_tasks() - {asyncio.current_task()}
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    # --- methods ------------------------------------------------------------------------------------------------------
    async def _method(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        wrong = self.faults.next(method)
        self.calls[method] += 1
        if wrong:
            self.faulty[wrong] += 1
        if wrong == "drop":
            return self._drop(request)
        try:
            told, files = await self._read(request)
            if request.match_info["token"] != self.world.token:
                raise Refused(401, "Unauthorized")
            if wrong == "break":
                raise Refused(502, "Bad Gateway")
            if wrong == "flood":
                seconds = self.faults.retry_after
                raise Refused(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)
            result = await self._act(method, told, files, request)
            check(method, result)
        except Refused as refused:
            answer = {"ok": False, "error_code": refused.code, "description": refused.why}
            if refused.parameters:
                answer["parameters"] = refused.parameters
            return web.json_response(answer, status=refused.code)
        except ConnectionError:  # the bot was killed in the midst of its request
            return web.Response()
        except Exception as error:
            self.problems.append(f"{method}: {type(error).__name__}: {error}")
            return web.json_response({"ok": False, "error_code": 500, "description": "Internal"}, status=500)
        if wrong == "lose":
            return self._drop(request)
        return web.json_response({"ok": True, "result": result})

    async def _act(self, method: str, told: Json, files: Any, request: web.Request) -> Any:
        if strange := set(told) - parameters(method):
            raise AssertionError(f"{method} has no parameters {strange}")
        if method in OWN:
            return await getattr(self, f"_{method}")(told)
        if method not in METHODS:
            raise Refused(404, "Not Found: method not found")
        with self.world.lock:
            if self.world.flooding and method in SENDING and "chat_id" in told:
                self.flood.check(int(told["chat_id"]), time.monotonic())
            result = METHODS[method](self.world, told, files)
            self.log.append((method, told))
            return json.loads(json.dumps(result))

    async def _read(self, request: web.Request) -> tuple[Json, dict[str, tuple[str, bytes]]]:
        if request.content_type == "application/json":
            return await request.json(), {}
        form = await request.post()
        told: Json = dict(request.query)
        files = {}
        for name, value in form.items():
            if isinstance(value, FileField):
                files[name] = (value.filename, value.file.read())
                told.setdefault(name, name) if name in parameters(request.match_info["method"]) else None
            else:
                told[name] = json.loads(str(value)) if name in JSON_PARAMETERS and _folded(str(value)) else value
        return told, files

    def _drop(self, request: web.Request) -> web.StreamResponse:
        """Hang up without a word."""
        if request.transport is not None:  # else the bot was killed and has hung up itself
            request.transport.abort()
        return web.Response()

    async def _file(self, request: web.Request) -> web.StreamResponse:
        wrong = self.faults.next("file")
        if wrong:
            self.faulty[wrong] += 1
            return self._drop(request)
        path = request.match_info["path"]
        if request.match_info["token"] == self.world.token:
            for file in self.world.files.values():
                if file.path == path:
                    return web.Response(body=file.data)
        return web.json_response({"ok": False, "error_code": 404, "description": "Not Found"}, status=404)

    # --- updates ------------------------------------------------------------------------------------------------------
    async def _getUpdates(self, told: Json) -> list[Json]:
        if self.world.webhook["url"]:
            raise Refused(409, "Conflict: can't use getUpdates method while webhook is active")
        for other in self._polls:
            other.set()
        mine = asyncio.Event()
        self._polls.append(mine)
        try:
            return await self._wait_for_updates(told, mine)
        finally:
            self._polls.remove(mine)

    async def _wait_for_updates(self, told: Json, mine: asyncio.Event) -> list[Json]:
        offset, until = int(told.get("offset") or 0), time.monotonic() + float(told.get("timeout") or 0)
        wanted = told.get("allowed_updates") or []
        if offset:
            self._confirm(offset)
        while True:
            self._news.clear()
            with self.world.lock:
                due = [one for one in self.world.updates if not wanted or any(kind in one for kind in wanted)]
            if due or time.monotonic() >= until:
                return json.loads(json.dumps(due[: int(told.get("limit") or 100)]))  # type: ignore[no-any-return]
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), min(0.5, max(0.0, until - time.monotonic())))
            if self._stopping:
                raise Refused(502, "Bad Gateway")
            if mine.is_set():
                raise Refused(409, "Conflict: terminated by other getUpdates request")

    def _confirm(self, offset: int) -> None:
        """The bot has all updates before ``offset``; of some Telegram forgets that again, and they come once more."""
        with self.world.lock:
            known = [update for update in self.world.updates if update["update_id"] < offset]
            self.world.confirm(offset)
            again = [one for one in known if self.faults.random.random() < self.faults.twice]
            self.again += len(again)
            self.world.updates = again + self.world.updates

    async def _setWebhook(self, told: Json) -> bool:
        word = told.get("secret_token", "")
        if not told["url"].startswith("http"):
            raise bad("bad webhook: An HTTPS URL must be provided for webhook")
        if not 1 <= len(word) <= 256 or not all(letter.isalnum() or letter in "_-" for letter in word):
            raise bad("secret token is not allowed")
        self.secrets.append(word)
        self.world.webhook["url"] = told["url"]
        self._news.set()
        return True

    async def _deleteWebhook(self, told: Json) -> bool:
        if told.get("drop_pending_updates") in (True, "true", "True"):
            raise AssertionError("pending updates are somebody's messages")
        self.world.webhook["url"] = ""
        return True

    async def _getWebhookInfo(self, told: Json) -> Json:
        return self.world.webhook | {"pending_update_count": len(self.world.updates)}

    async def _push(self) -> None:
        """Bring updates to the webhook, each again until it says 200."""
        async with ClientSession(timeout=ClientTimeout(total=10)) as session:
            while True:
                await asyncio.sleep(0.02)
                if not (self.world.webhook["url"] and self.world.updates):
                    continue
                update = self.world.updates[0]
                if self.faults.random.random() < self.faults.drops:
                    self.faulty["drop"] += 1
                    continue
                header = {"X-Telegram-Bot-Api-Secret-Token": self.secrets[-1]}
                try:
                    async with session.post(self.world.webhook["url"], json=update, headers=header) as answer:
                        if answer.status == 200:
                            self._confirm(update["update_id"] + 1)
                except (OSError, TimeoutError):
                    await asyncio.sleep(0.1)


def _folded(value: str) -> bool:
    return value[:1] in ("{", "[")


@contextlib.contextmanager
def running(world: World | None = None, faults: Faults | None = None) -> Iterator[Server]:
    """A server as long as the block lasts; its own mistakes and the bot's malformed requests are raised at the end."""
    with Server(world, faults) as server:
        yield server
    assert not server.problems, server.problems[:5]
