"""What the Telegram bot does, whichever library calls the Bot API: take updates in, fetch files, send messages."""

import asyncio
import contextlib
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import structlog

from bot import inbox, replies
from bot.platforms import Later, Never, Outgoing, Parts
from bot.platforms.telegram.api import Api, Moved, Refused, markup
from bot.platforms.telegram.layout import Part, as_file, as_photo, as_sticker, keyboard, number_of, parts
from bot.platforms.telegram.pace import Pace
from bot.platforms.telegram.packs import publish
from bot.platforms.telegram.updates import Heard, chat_id, hear, is_group
from bot.retry import insist
from storage import HeyingError, Storage, files, outbox, photos, retention
from storage.photos import PhotoError

CLOUD = "https://api.telegram.org"
CLOUD_FILE = 20_000_000  # bytes that a bot may get there; a Bot API server of one's own has no such limit

log = structlog.get_logger()


class Door:
    """The bot at work."""

    def __init__(self, store: Storage, api: Api) -> None:
        self.store, self.api, self.pace = store, api, Pace()
        cloud = store.settings.telegram.api.rstrip("/") == CLOUD
        most = store.settings.limits.megabytes * 1e6
        self.most = min(most, CLOUD_FILE) if cloud else most
        self._calls: set[asyncio.Task[Any]] = set()

    # --- in -----------------------------------------------------------------------------------------------------------
    async def receive(self, update: Any) -> None:
        """Take an update in. When this returns it is committed (or means nothing), and may be acknowledged."""
        try:
            heard = hear(update, self.api.me)
        except Exception:
            log.exception("unreadable update")
            return
        if heard is None:
            return
        await insist(self._commit, heard)
        if heard.callback:
            self._aside("answer_callback_query", callback_query_id=heard.callback)

    def _commit(self, heard: Heard) -> None:
        incoming, wanted = heard.incoming, heard.files
        shown = outbox.shown(self.store, incoming.chat, heard.answering) if heard.answering else ()
        if shown:
            incoming = replace(incoming, replied=shown)
            wanted = tuple(file for file in wanted if not file.get("replied"))
        inbox.receive(self.store, incoming, heard.album, wanted, heard.overheard)

    async def fetch(self, file: Mapping[str, Any]) -> bytes:
        """The bytes of a file that a message named. Raises PhotoError."""
        if file.get("size", 0) > self.most:
            raise self._too_big()
        for attempt in range(4):
            try:
                id = await self._avatar(file["avatar"]) if "avatar" in file else file["id"]
                data = await self.api.download(id)
            except Later as later:
                await asyncio.sleep(min(later.seconds, 2.0**attempt))
            except Never as refused:
                raise (
                    self._too_big() if "too big" in str(refused) else PhotoError(replies.NOT_DOWNLOADED, str(refused))
                ) from None
            else:
                if len(data) > self.most:
                    raise self._too_big()
                return data
        raise PhotoError(replies.NOT_DOWNLOADED, "cannot download")

    async def _avatar(self, user: str) -> str:
        """The file of somebody's avatar. Raises Later, Never, PhotoError."""
        shown = await self.api.call("get_user_profile_photos", user_id=chat_id(user), limit=1)
        if not shown.photos:
            raise PhotoError(replies.NO_AVATAR, "no avatar")
        return str(max(shown.photos[0], key=lambda size: size.width * size.height).file_id)

    def _too_big(self) -> PhotoError:
        return PhotoError(replies.file_too_big(round(self.most / 1e6)), "file is too big")

    # --- out ----------------------------------------------------------------------------------------------------------
    async def send(self, message: Outgoing, through: Parts) -> None:
        """Send the parts of a message that are not through yet. Raises Later or Never."""
        if message.wanted == "pack" and message.pack is not None:
            message = await publish(self.store, self.api, message)
        if message.wanted.startswith("link:"):
            link = f"https://t.me/{self.api.me.username}?start={message.wanted.removeprefix('link:')}"
            message = replace(message, text=f"{message.text}\n{link}")
        for part in parts(message):
            if through.receipt(part.name) is not None:
                continue
            if wait := self.pace.wait(message.chat):
                raise Later(wait, "pace")
            try:
                sent = await self._send(message, part)
            except Later as later:
                self.pace.block(message.chat, later.seconds)
                raise
            numbers = [str(one.message_id) for one in (sent if isinstance(sent, list | tuple) else [sent])]
            await through.through(part.name, {"messages": numbers, "photos": list(part.photos)})

    async def _send(self, message: Outgoing, part: Part) -> Any:
        params: dict[str, Any] = {"chat_id": chat_id(message.chat)}
        if part.buttons:
            params["reply_markup"] = markup(self.api, keyboard(part.buttons))
        if message.answers and is_group(message.chat):  # several people talk there
            params["reply_parameters"] = self.api.types.ReplyParameters(
                message_id=int(message.answers), allow_sending_without_reply=True
            )
        try:
            return await SENDERS[part.kind](self, message, part, params)
        except Moved as moved:
            return await SENDERS[part.kind](self, message, part, {**params, "chat_id": moved.chat})

    async def _text(self, message: Outgoing, part: Part, fields: dict[str, Any]) -> Any:
        return await self.api.call("send_message", text=part.text, **fields)

    async def _photo(self, message: Outgoing, part: Part, fields: dict[str, Any]) -> Any:
        data = await asyncio.to_thread(self._read, part.photos[0])
        shown = await asyncio.to_thread(as_photo, data)
        if shown is not None:
            caption = {"caption": part.text} if part.text else {}
            try:
                photo = self.api.file(shown, "photo.png" if shown is data else "photo.jpg")
                return await self.api.call("send_photo", photo=photo, **caption, **fields)
            except Refused as refused:
                if not any(word in str(refused).upper() for word in ("PHOTO", "IMAGE")):
                    raise
        return await self._document(message, part, fields)

    async def _album(self, message: Outgoing, part: Part, fields: dict[str, Any]) -> Any:
        media = []
        for index, sha256 in enumerate(part.photos):
            data = await asyncio.to_thread(self._read, sha256)
            shown = await asyncio.to_thread(as_photo, data)
            caption = {"caption": number_of(part.numbers[index])} if part.numbers else {}
            file = self.api.file(shown or data, f"photo{index}.png", inside=True)
            media.append(self.api.types.InputMediaPhoto(media=file, **caption))
        return await self.api.call("send_media_group", media=media, **fields)

    async def _document(self, message: Outgoing, part: Part, fields: dict[str, Any]) -> Any:
        data, ending = await asyncio.to_thread(as_file, self._read(part.photos[0]))
        name = f"heying-{part.photos[0][:8]}.{ending}"
        if part.text:
            fields["caption"] = part.text
        return await self.api.call("send_document", document=self.api.file(data, name), **fields)

    async def _sticker(self, message: Outgoing, part: Part, fields: dict[str, Any]) -> Any:
        data, ending = await asyncio.to_thread(as_sticker, self._read(part.photos[0]))
        file = self.api.file(data, f"sticker.{ending}")
        if ending == "gif":
            return await self.api.call("send_animation", animation=file, **fields)
        return await self.api.call("send_sticker", sticker=file, **fields)

    async def _archive(self, message: Outgoing, part: Part, fields: dict[str, Any]) -> Any:
        """Everything we have of a person; to nobody else, so in a group it goes to them alone."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "heying.zip"
            await asyncio.to_thread(retention.export, self.store, message.user, path)
            data = await asyncio.to_thread(files.read, path, 2_000_000_000)
        fields = {"chat_id": chat_id(message.user), "caption": part.text}
        return await self.api.call("send_document", document=self.api.file(data, "heying.zip"), **fields)

    def _read(self, sha256: str) -> bytes:
        try:
            return photos.read(self.store, sha256)
        except HeyingError as error:
            raise Never("a picture is gone") from error

    def _aside(self, method: str, **params: Any) -> None:
        """Call a method whose failure does not matter, without waiting for it."""

        async def call() -> None:
            with contextlib.suppress(Later, Never, Moved):
                await self.api.call(method, **params)

        task = asyncio.create_task(call())
        self._calls.add(task)
        task.add_done_callback(self._calls.discard)

    async def introduce(self) -> None:
        """Put the commands into Telegram's menu."""
        for groups, scope in ((False, "BotCommandScopeDefault"), (True, "BotCommandScopeAllGroupChats")):
            menu = [
                self.api.types.BotCommand(command=name, description=command.title)
                for name, command in replies.COMMANDS.items()
                if not groups or command.in_groups
            ]
            with contextlib.suppress(Later, Never):
                await self.api.call("set_my_commands", commands=menu, scope=getattr(self.api.types, scope)())


SENDERS = {
    "text": Door._text,
    "photo": Door._photo,
    "album": Door._album,
    "file": Door._document,
    "sticker": Door._sticker,
    "archive": Door._archive,
}
