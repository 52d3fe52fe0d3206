"""① ⑨ The Telegram bot on python-telegram-bot: by itself, or as handlers in an application that does other things too::

    application = ApplicationBuilder().token(…).rate_limiter(AIORateLimiter()).build()
    add_to(application)  # of bot.embedding
    application.run_polling()

An update is acknowledged once the handlers are through with it, and ours are when its row is committed. The library by
itself acknowledges what it has only put into its queue; so it gets a way in whose ``put`` waits (``Patiently``).
"""

import asyncio
import logging
import warnings
from typing import Any
from urllib.parse import urlsplit

import structlog
import telegram
from telegram import InputFile, Update, error
from telegram.ext import (
    AIORateLimiter,
    Application,
    ApplicationBuilder,
    CallbackQueryHandler,
    ChatMemberHandler,
    ContextTypes,
    MessageHandler,
    filters,
)

from bot.platforms import Fetch, Later, Never, Outgoing, Parts
from bot.platforms.telegram.api import Moved, Refused
from bot.platforms.telegram.door import Door
from bot.platforms.telegram.progress import Progress
from bot.platforms.telegram.settings import secret, token
from bot.platforms.telegram.updates import NAME, UPDATES
from storage import Storage

NETWORK_SECONDS = 2.0
POLL_SECONDS = 20

log = structlog.get_logger()
Bot = Application[Any, Any, Any, Any, Any, Any]


class Patiently(asyncio.Queue[object]):
    """The way into an application's queue for what comes from Telegram: the next when the one before is handled."""

    def __init__(self, queue: "asyncio.Queue[object]") -> None:
        super().__init__()
        self.queue = queue

    async def put(self, item: object) -> None:
        """Returns when everything that is in the application's queue has been handled."""
        await self.queue.put(item)
        await self.queue.join()


class Telegram:
    """The platform: an application of our own, or somebody's who runs it."""

    name = NAME
    pulled = False

    def __init__(self, store: Storage, application: Bot | None = None) -> None:
        self.store, self.config = store, store.settings.telegram
        self.application, self.ours = application or _application(store), application is None
        self.api = Ptb(self.application)
        self.door = Door(store, self.api)
        self.opened = asyncio.Event()
        _attach(self.application, self.door)

    @property
    def fetch(self) -> Fetch:
        """See Platform."""
        return self.door.fetch

    async def send(self, message: Outgoing, parts: Parts) -> None:
        """See Platform."""
        await self.api.known.wait()
        await self.door.send(message, parts)

    async def run(self) -> None:
        """Serve until cancelled."""
        try:
            if self.ours:
                await _insist(self.application.initialize)
            self.api.known.set()
            if self.ours:  # the menu of somebody's own bot is theirs
                await self.door.introduce()
            self.opened.set()
            async with asyncio.TaskGroup() as group:
                group.create_task(Progress(self.store, self.api, self.door.pace).run())
                if self.ours:
                    group.create_task(self._listen())
        finally:
            if self.ours:
                await self.application.shutdown()

    async def _listen(self) -> None:
        """Run the application until cancelled."""
        updater = self.application.updater
        assert updater is not None
        await self.application.start()
        try:
            if self.config.webhook:
                await updater.start_webhook(
                    listen=self.config.host,
                    port=self.config.port,
                    url_path=urlsplit(self.config.webhook).path.removeprefix("/"),
                    webhook_url=self.config.webhook,
                    secret_token=secret(self.store),
                    allowed_updates=UPDATES,
                    bootstrap_retries=-1,
                )
            else:
                await updater.start_polling(timeout=POLL_SECONDS, allowed_updates=UPDATES, bootstrap_retries=-1)
            await asyncio.Event().wait()
        finally:
            if updater.running:
                await updater.stop()
            await self.application.stop()


def _application(store: Storage) -> Bot:
    """An application that does nothing else."""
    api = store.settings.telegram.api.rstrip("/")
    builder = ApplicationBuilder().token(token(store.settings)).base_url(f"{api}/bot").base_file_url(f"{api}/file/bot")
    builder = builder.read_timeout(30).write_timeout(60).connect_timeout(10).pool_timeout(30)
    return builder.rate_limiter(AIORateLimiter(max_retries=0)).build()


def _attach(application: Bot, door: Door) -> None:
    """Our handlers, and what keeps updates from being acknowledged too early."""

    async def receive(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        await door.receive(update)

    application.add_handlers(
        [
            MessageHandler(filters.UpdateType.MESSAGE, receive),
            CallbackQueryHandler(receive),
            ChatMemberHandler(receive, ChatMemberHandler.MY_CHAT_MEMBER),
        ]
    )
    if application.updater is not None:
        application.updater.update_queue = Patiently(application.update_queue)
    logging.getLogger("httpx").setLevel(logging.WARNING)  # it writes every address down, and those hold the token


async def _insist(start: Any) -> None:
    """Start however long it takes until Telegram can be reached."""
    while True:
        try:
            await start()
            return
        except error.InvalidToken:
            await asyncio.sleep(10 * NETWORK_SECONDS)
        except error.NetworkError:
            await asyncio.sleep(NETWORK_SECONDS)


class Ptb:
    """The library as an Api."""

    types = telegram

    def __init__(self, application: Bot) -> None:
        self.bot = application.bot
        self.known = asyncio.Event()

    @property
    def me(self) -> telegram.User:
        """See Api."""
        me: telegram.User = self.bot.bot
        return me

    def file(self, data: bytes, name: str, inside: bool = False) -> InputFile:
        """See Api."""
        return InputFile(data, name, attach=inside)

    async def call(self, method: str, **params: Any) -> Any:
        """See Api."""
        try:
            return await getattr(self.bot, method)(**params)
        except error.RetryAfter as flood:
            raise Later(_seconds(flood), "flood") from None
        except error.ChatMigrated as moved:
            raise Moved(moved.new_chat_id) from None
        except error.BadRequest as refused:
            raise Refused(refused.message) from None
        except error.Forbidden as blocked:
            raise Never(blocked.message) from None
        except error.TelegramError as broken:
            raise Later(NETWORK_SECONDS, type(broken).__name__) from None

    async def download(self, id: str) -> bytes:
        """See Api."""
        file = await self.call("get_file", file_id=id)
        try:
            return bytes(await file.download_as_bytearray())
        except error.TelegramError as broken:  # its words hold the address, and that the token
            raise Later(NETWORK_SECONDS, type(broken).__name__) from None


def _seconds(flood: error.RetryAfter) -> float:
    """retry_after, which is becoming a timedelta."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        wait: Any = flood.retry_after
    return float(wait.total_seconds() if hasattr(wait, "total_seconds") else wait)
