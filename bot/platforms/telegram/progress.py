"""How far the work is: one message for each person in a chat, edited at most every five seconds and only when it says
something new, taken away when the work is done; and the line 正在发送照片… that Telegram shows for five seconds.

The number of the message is kept in the database, so that a bot that was killed goes on with the same message.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from functools import partial

import structlog

from bot import learning, promises, replies
from bot.platforms import Button, Later, Never
from bot.platforms.telegram.api import Api, Moved, Refused, markup
from bot.platforms.telegram.layout import TEXT, cut, keyboard
from bot.platforms.telegram.pace import Pace
from bot.platforms.telegram.updates import NAME, chat_id
from bot.waking import waking
from storage import Storage, chats, jobs
from storage.jobs import Job

LOOK_SECONDS = 1.0
PATIENCE = 1.5  # seconds of work before anything is said of it
EDIT_SECONDS = 5.0
ACTION_SECONDS = 4.5
MOST_BUTTONS = 5
KEPT = "progress:"  # + chat: where the message's number is kept among the preferences of the person

log = structlog.get_logger()
Place = tuple[str, str]  # chat, user


@dataclass(slots=True)
class _Shown:
    """The message that stands in a chat."""

    number: int
    text: str = ""
    at: float = 0.0


class Progress:
    """All messages of progress of the bot."""

    def __init__(self, store: Storage, api: Api, pace: Pace) -> None:
        self.store, self.api, self.pace = store, api, pace
        self.shown: dict[Place, _Shown] = {}
        self.acted: dict[str, float] = {}
        self.blocked: dict[str, float] = {}

    async def run(self) -> None:
        """Keep the messages up to date until cancelled."""
        kept = await asyncio.to_thread(chats.preferences_like, self.store, NAME, KEPT)
        self.shown = {(name.removeprefix(KEPT), user): _Shown(number) for user, name, number in kept}
        while True:
            try:
                await self._look()
            except Exception as error:  # never worth ending the conversation for
                log.warning("no progress shown", error=type(error).__name__)
            await asyncio.sleep(LOOK_SECONDS)

    async def _look(self) -> None:
        under_way: dict[Place, list[Job]] = {}
        for job in await asyncio.to_thread(jobs.open_on, self.store, NAME):
            under_way.setdefault((job.chat, job.owner), []).append(job)
        for place in [place for place in self.shown if place not in under_way]:
            await self._politely(place[0], partial(self._take_away, place))
        for place, work in under_way.items():
            await self._politely(place[0], partial(self._show, place, work))

    async def _politely(self, chat: str, doing: Callable[[], Awaitable[None]]) -> None:
        """Do something in a chat, unless Telegram has told us to wait there."""
        if self.blocked.get(chat, 0.0) > time.monotonic():
            return
        try:
            await doing()
        except Later as later:
            self.blocked[chat] = time.monotonic() + later.seconds
        except (Never, Moved) as error:
            log.info("no progress shown", reason=str(error))

    async def _show(self, place: Place, work: list[Job]) -> None:
        chat, now = place[0], time.monotonic()
        if (
            any(job.state == "running" for job in work)
            and now - self.acted.get(chat, -ACTION_SECONDS) >= ACTION_SECONDS
        ):
            self.acted[chat] = now
            kind = "choose_sticker" if work[0].kind == "stickers" else "upload_photo"
            await self.api.call("send_chat_action", chat_id=chat_id(chat), action=kind)
        shown = self.shown.get(place)
        if shown is None and self.store.now() - min(job.created_at for job in work) < PATIENCE:
            return
        if shown is not None and now - shown.at < EDIT_SECONDS:
            return
        text, buttons = await asyncio.to_thread(self._words, work)
        params = {"chat_id": chat_id(chat), "text": text, "reply_markup": markup(self.api, keyboard(buttons))}
        if shown is None:
            if not self.pace.wait(chat):
                sent = await self.api.call("send_message", disable_notification=True, **params)
                self.shown[place] = _Shown(sent.message_id, text, now)
                await asyncio.to_thread(chats.prefer, self.store, place[1], KEPT + chat, sent.message_id)
        elif text != shown.text:
            shown.text, shown.at = text, now
            try:
                await self.api.call("edit_message_text", message_id=shown.number, **params)
            except Refused as refused:
                if "not found" in str(refused):
                    await self._forget(place)  # the user has removed it

    async def _take_away(self, place: Place) -> None:
        try:
            await self.api.call("delete_message", chat_id=chat_id(place[0]), message_id=self.shown[place].number)
        except Refused as refused:
            log.info("progress not removed", reason=str(refused))
        await self._forget(place)

    async def _forget(self, place: Place) -> None:
        del self.shown[place]
        await asyncio.to_thread(chats.prefer, self.store, place[1], KEPT + place[0], None)

    def _words(self, work: Iterable[Job]) -> tuple[str, list[Button]]:
        """Where each job stands, and a button to call it off."""
        lines, buttons = [], []
        for job in work:
            place, seconds = promises.position(self.store, job)
            what = learning.describe(self.store, job)
            lines.append(replies.under_way(what, place, job.progress, seconds, waking(self.store, job)))
            buttons.append(Button(replies.cancel_this(what), f"cancel:{job.id}"))
        if len(buttons) == 1:
            buttons = [Button(replies.CANCEL, buttons[0].action)]
        return next(cut("\n".join(lines), TEXT)), buttons[:MOST_BUTTONS]
