"""① ⑨ 飞书: events come in by the long connection, messages go out by HTTP. An event is acknowledged once it is kept."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import structlog

from bot import inbox, replies
from bot.platforms import Fetch, Later, Never, Outgoing, Parts, started
from bot.platforms.feishu.api import Api, Refused
from bot.platforms.feishu.connection import LongConnection
from bot.platforms.feishu.events import NAME, Heard, hear, picture_files
from bot.platforms.feishu.sending import MESSAGES, pressed, send
from bot.retry import insist
from storage import Storage, outbox
from storage.photos import PhotoError

PACE_SECONDS = 0.22  # between two messages: five a second are let into a chat
BEHIND_SECONDS = 2.0  # for the message that one answers; the event is to be acknowledged within three
USERS = "/open-apis/contact/v3/users"
ROW_SECONDS = 60.0  # until pictures of one person are a new album
TOGETHER_SECONDS = 0.8  # words that follow pictures so soon are about them

log = structlog.get_logger()


class Feishu:
    """The platform."""

    name = NAME
    pulled = False

    def __init__(self, store: Storage, secret: str) -> None:
        config = store.settings.feishu
        self.store, self.api = store, Api(config.domain, config.app_id, secret)
        self.most = int(store.settings.limits.megabytes * 1e6)
        self.opened = asyncio.Event()
        self.me = ""
        self._said_at = 0.0
        self._albums: dict[tuple[str, str], tuple[str, float]] = {}

    async def run(self) -> None:
        """Serve until cancelled."""
        try:
            await self._introduce()
            async with asyncio.TaskGroup() as group:
                group.create_task(started.run(self.store, NAME))
                group.create_task(LongConnection(self.api, self._take, self.opened).run())
        finally:
            await self.api.close()

    async def _introduce(self) -> None:
        """Find out who we are, however long that takes."""
        while not self.me:
            try:
                reply = await self.api.call("GET", "/open-apis/bot/v3/info")
                self.me = str(reply["bot"]["open_id"])
            except Later as later:
                log.warning("feishu is out of reach", reason=str(later))
                await asyncio.sleep(later.seconds)
            except (Never, Refused, KeyError) as error:
                log.error("feishu does not know this bot", reason=str(error))
                await asyncio.sleep(60.0)

    # --- in -----------------------------------------------------------------------------------------------------------
    async def _take(self, event: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Keep what an event says to us; what it is answered with. Raises what makes 飞书 send it again."""
        heard = hear(event, self.me)
        if heard is None:
            return None
        heard = await self._behind(heard)
        if heard.to_us:
            await insist(self._commit, heard, self._album(heard))
        return pressed(heard.incoming.text) if heard.incoming.action and heard.incoming.text else None

    async def _behind(self, heard: Heard) -> Heard:
        """A message with what the one that it answers shows; an answer to ours is for us. Raises Later or
        TimeoutError."""
        chat, number = heard.incoming.chat, heard.answering
        if not number:
            return heard
        ours = await asyncio.to_thread(outbox.said_by_us, self.store, chat, number)
        if not (heard.to_us or ours):
            return heard
        shown = await asyncio.to_thread(outbox.shown, self.store, chat, number)
        if shown or ours:
            return replace(heard, incoming=replace(heard.incoming, replied=shown), to_us=True)
        try:
            async with asyncio.timeout(BEHIND_SECONDS):
                found = await self.api.call("GET", f"{MESSAGES}/{number}")
        except (Refused, Never) as error:
            log.info("no message behind", reason=str(error))
            return heard
        items = [one for one in found.get("items") or () if isinstance(one, Mapping)]
        behind = ({**file, "replied": True} for one in items[:1] for file in picture_files(one))
        return replace(heard, files=(*heard.files, *behind))

    def _album(self, heard: Heard) -> str | None:
        """Pictures come in a message each, so those of one person in a row are an album, with the words that follow at
        once (a picture that is sent on with a word comes so, too)."""
        place, now = (heard.incoming.chat, heard.incoming.user), time.monotonic()
        pictures = bool(heard.files) and not (heard.incoming.text or heard.answering or heard.incoming.action)
        self._albums = {name: one for name, one in self._albums.items() if now - one[1] < ROW_SECONDS}
        album, at = self._albums.get(place, ("", 0.0))
        if pictures:
            if not album:
                album = heard.incoming.message
            self._albums[place] = (album, now)
            return album
        self._albums.pop(place, None)
        return album if album and now - at < TOGETHER_SECONDS and not heard.incoming.action else None

    def _commit(self, heard: Heard, album: str | None) -> None:
        inbox.receive(self.store, heard.incoming, album, heard.files)

    @property
    def fetch(self) -> Fetch:
        """See Platform."""
        return self._fetch

    async def _fetch(self, file: Mapping[str, Any]) -> bytes:
        """The bytes of a picture. Raises PhotoError."""
        for attempt in range(4):
            try:
                if "avatar" in file:
                    data = await self._avatar(str(file["avatar"]).removeprefix(f"{NAME}:"))
                else:
                    path = f"{MESSAGES}/{file['message']}/resources/{file['key']}"
                    data = await self.api.download(path, self.most, type=file["type"])
            except Later as later:
                await asyncio.sleep(min(later.seconds, 2.0**attempt))
            except (Never, Refused) as error:
                raise PhotoError(replies.NOT_DOWNLOADED, str(error)) from None
            else:
                if data is None:
                    raise PhotoError(replies.file_too_big(round(self.most / 1e6)), "file is too big")
                return data
        raise PhotoError(replies.NOT_DOWNLOADED, "cannot download")

    async def _avatar(self, person: str) -> bytes | None:
        """Somebody's avatar: https://open.feishu.cn/document/server-docs/contact-v3/user/get"""
        try:
            found = await self.api.call("GET", f"{USERS}/{person}", params={"user_id_type": "open_id"})
            shown = found["user"]["avatar"]
            url = str(shown.get("avatar_640") or shown["avatar_origin"])
        except (Refused, Never, KeyError, TypeError, AttributeError) as error:
            raise PhotoError(replies.NO_AVATAR, str(error)) from None
        return await self.api.get(url, self.most)

    # --- out ----------------------------------------------------------------------------------------------------------
    async def send(self, message: Outgoing, parts: Parts) -> None:
        """See Platform."""
        await send(self.store, self.api, message, parts, self._paced)

    async def _paced(self) -> None:
        await asyncio.sleep(self._said_at + PACE_SECONDS - time.monotonic())
        self._said_at = time.monotonic()
