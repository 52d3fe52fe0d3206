"""① ⑨ The Telegram bot on aiogram 3: long polling, or a webhook when the settings name a public address.

An update is acknowledged once its row is committed. Polling: updates are handled one after the other
(``handle_as_tasks=False``) and the next getUpdates, which acknowledges them, is only sent when all are through.
Webhook: Telegram gets its 200 when the handler has returned.
"""

import asyncio
from typing import Any
from urllib.parse import urlsplit

import aiogram.types
from aiogram import Bot, Dispatcher, Router, exceptions
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.types import BufferedInputFile, CallbackQuery, ChatMemberUpdated, Message, Update, User
from aiogram.webhook.aiohttp_server import SimpleRequestHandler
from aiohttp import ClientError, web

from bot.platforms import Fetch, Later, Never, Outgoing, Parts
from bot.platforms.telegram.api import Moved, Refused
from bot.platforms.telegram.door import Door
from bot.platforms.telegram.progress import Progress
from bot.platforms.telegram.settings import secret, token
from bot.platforms.telegram.updates import NAME, UPDATES
from storage import Storage

NETWORK_SECONDS, BROKEN_SECONDS = 2.0, 10.0
POLL_SECONDS = 20


class Telegram:
    """The platform."""

    name = NAME
    pulled = False

    def __init__(self, store: Storage) -> None:
        config = store.settings.telegram
        self.store, self.config = store, config
        session = AiohttpSession(api=TelegramAPIServer.from_base(config.api))
        self.bot = Bot(token(store.settings), session=session)
        self.api = Aiogram(self.bot)
        self.door = Door(store, self.api)
        self.opened = asyncio.Event()

    @property
    def fetch(self) -> Fetch:
        """See Platform."""
        return self.door.fetch

    async def send(self, message: Outgoing, parts: Parts) -> None:
        """See Platform."""
        await self.api.known()
        await self.door.send(message, parts)

    async def run(self) -> None:
        """Serve until cancelled."""
        dispatcher = Dispatcher()
        dispatcher.include_router(router(self.door))
        try:
            await self.api.known()
            await self.door.introduce()
            self.opened.set()
            async with asyncio.TaskGroup() as group:
                group.create_task(Progress(self.store, self.api, self.door.pace).run())
                group.create_task(self._webhook(dispatcher) if self.config.webhook else self._poll(dispatcher))
        finally:
            await self.bot.session.close()

    async def _poll(self, dispatcher: Dispatcher) -> None:
        await self.api.insist("delete_webhook")
        polling = asyncio.ensure_future(self._polling(dispatcher))
        try:
            await asyncio.shield(polling)
        except asyncio.CancelledError:
            await dispatcher.stop_polling()
            await polling
            raise

    async def _polling(self, dispatcher: Dispatcher) -> None:
        """Poll; aiogram asks who it is before it does, and a dropped connection there would be the end."""
        while True:
            try:
                return await dispatcher.start_polling(
                    self.bot,
                    polling_timeout=POLL_SECONDS,
                    handle_as_tasks=False,
                    handle_signals=False,
                    close_bot_session=False,
                    allowed_updates=UPDATES,
                )
            except (exceptions.TelegramNetworkError, exceptions.TelegramServerError, exceptions.TelegramRetryAfter):
                await asyncio.sleep(NETWORK_SECONDS)

    async def _webhook(self, dispatcher: Dispatcher) -> None:
        server, word = web.Application(), secret(self.store)
        handler = SimpleRequestHandler(dispatcher, self.bot, handle_in_background=False, secret_token=word)
        handler.register(server, path=urlsplit(self.config.webhook).path or "/")
        runner = web.AppRunner(server, access_log=None)
        await runner.setup()
        try:
            await web.TCPSite(runner, self.config.host, self.config.port).start()
            await self.api.insist("set_webhook", url=self.config.webhook, secret_token=word, allowed_updates=UPDATES)
            await asyncio.Event().wait()
        finally:
            await runner.cleanup()


def router(door: Door) -> Router:
    """Handlers for what we listen to; to be included in any dispatcher."""
    heying = Router(name="heying")

    @heying.message()
    async def message(message: Message, event_update: Update) -> None:
        await door.receive(event_update)

    @heying.callback_query()
    async def press(query: CallbackQuery, event_update: Update) -> None:
        await door.receive(event_update)

    @heying.my_chat_member()
    async def arrival(change: ChatMemberUpdated, event_update: Update) -> None:
        await door.receive(event_update)

    return heying


class Aiogram:
    """The library as an Api."""

    types = aiogram.types

    def __init__(self, bot: Bot) -> None:
        self.bot = bot
        self._me: User | None = None
        self._knowing = asyncio.Lock()

    @property
    def me(self) -> User:
        """See Api."""
        assert self._me is not None
        return self._me

    async def known(self) -> None:
        """Find out who we are, however long that takes."""
        async with self._knowing:
            self._me = self._me or await self.insist("get_me")

    async def insist(self, method: str, **params: Any) -> Any:
        """Call a method until it works: without it there is nothing to do."""
        while True:
            try:
                return await self.call(method, **params)
            except Later as later:
                await asyncio.sleep(later.seconds)

    def file(self, data: bytes, name: str, inside: bool = False) -> BufferedInputFile:
        """See Api; aiogram finds out by itself what is inside what."""
        return BufferedInputFile(data, name)

    async def call(self, method: str, **params: Any) -> Any:
        """See Api."""
        try:
            return await getattr(self.bot, method)(**params)
        except exceptions.TelegramRetryAfter as error:
            raise Later(error.retry_after, "flood") from None
        except exceptions.TelegramMigrateToChat as error:
            raise Moved(error.migrate_to_chat_id) from None
        except exceptions.TelegramForbiddenError as error:
            raise Never(error.message) from None
        except (exceptions.TelegramNetworkError, ClientError, TimeoutError) as error:
            raise Later(NETWORK_SECONDS, type(error).__name__) from None
        except exceptions.TelegramServerError as error:
            raise Later(BROKEN_SECONDS, type(error).__name__) from None
        except exceptions.TelegramUnauthorizedError:
            raise Later(BROKEN_SECONDS, "unauthorized") from None
        except (exceptions.TelegramBadRequest, exceptions.TelegramNotFound) as error:
            raise Refused(error.message) from None

    async def download(self, id: str) -> bytes:
        """See Api."""
        file = await self.call("get_file", file_id=id)
        try:
            data = await self.bot.download_file(file.file_path)
        except (ClientError, TimeoutError, OSError) as error:  # its words hold the address, and that the token
            raise Later(NETWORK_SECONDS, type(error).__name__) from None
        assert data is not None
        return data.read()
