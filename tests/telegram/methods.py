"""The methods of the Bot API that we use, as strict as Telegram is: https://core.telegram.org/bots/api#available-methods

Each takes the world, the parameters (JSON already unfolded) and the uploaded files, and returns the result. Refused is
an answer {"ok": false, …}.
"""

import io
import re
import time
from collections import defaultdict, deque
from collections.abc import Callable
from typing import Any

import av
from PIL import Image

from tests.telegram.world import USERNAME, Json, World

ACTIONS = (
    "typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice", "upload_document",
    "choose_sticker", "find_location", "record_video_note", "upload_video_note",
)  # fmt: skip
Files = dict[str, tuple[str, bytes]]


class Refused(Exception):
    """An answer that is an error."""

    def __init__(self, code: int, why: str, **parameters: int) -> None:
        super().__init__(why)
        self.code, self.why, self.parameters = code, why, parameters


def bad(why: str) -> Refused:
    return Refused(400, f"Bad Request: {why}")


class Flood:
    """About one message a second in a chat, 20 a minute in a group; edits count."""

    def __init__(self) -> None:
        self.sent: dict[int, deque[float]] = defaultdict(deque)

    def check(self, chat: int, now: float) -> None:
        """Raises Refused 429."""
        window, most = (60.0, 20) if chat < 0 else (10.0, 18)
        sent = self.sent[chat]
        while sent and sent[0] < now - window:
            sent.popleft()
        if len(sent) >= most:
            wait = int(sent[0] + window - now) + 1
            raise Refused(429, f"Too Many Requests: retry after {wait}", retry_after=wait)
        sent.append(now)


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def _chat(world: World, told: Json) -> int:
    id = int(told["chat_id"])
    if id not in world.chats:
        raise bad("chat not found")
    if id in world.blocked:
        raise Refused(403, "Forbidden: bot was blocked by the user")
    if id > 0 and id not in world.started:
        raise Refused(403, "Forbidden: bot can't initiate conversation with a user")
    return id


def _markup(told: Json) -> Json:
    markup = told.get("reply_markup")
    if markup is None:
        return {}
    rows = markup["inline_keyboard"]
    if not rows or sum(map(len, rows)) > 100 or any(not 0 < len(row) <= 8 for row in rows):
        raise bad("inline keyboard expected")
    for button in (button for row in rows for button in row):
        if not button["text"].strip():
            raise bad("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
        if not 1 <= len(button["callback_data"].encode()) <= 64:
            raise bad("BUTTON_DATA_INVALID")
    return {"reply_markup": markup}


def _reply(world: World, chat: int, told: Json) -> Json:
    reply = told.get("reply_parameters")
    if not reply:
        return {}
    there = world.messages[chat].get(int(reply["message_id"]))
    if there is None:
        if reply.get("allow_sending_without_reply"):
            return {}
        raise bad("message to be replied not found")
    return {"reply_to_message": {name: value for name, value in there.items() if name != "reply_to_message"}}


def _caption(told: Json) -> Json:
    caption = told.get("caption", "")
    if units(caption) > 1024:
        raise bad("message caption is too long")
    return {"caption": caption} if caption else {}


def _text(told: Json) -> str:
    text = told.get("text", "").strip()
    if not text:
        raise bad("message text is empty")
    if units(text) > 4096:
        raise bad("message is too long")
    return str(text)


def _upload(value: Any, files: Files) -> tuple[str, bytes]:
    """The uploaded file that a parameter stands for: the part of its own name, or attach://…"""
    name = str(value).removeprefix("attach://")
    if name not in files:
        raise bad("there is no photo in the request")
    return files[name]


def _picture(data: bytes) -> Image.Image:
    try:
        image = Image.open(io.BytesIO(data))
        image.load()
    except Exception as error:
        raise bad("IMAGE_PROCESS_FAILED") from error
    return image


def _as_photo(world: World, data: bytes) -> list[Json]:
    if len(data) > 10_000_000:
        raise Refused(413, "Request Entity Too Large")
    width, height = _picture(data).size
    if width + height > 10_000 or max(width, height) > 20 * min(width, height):
        raise bad("PHOTO_INVALID_DIMENSIONS")
    return world.photo(data)


def _post(world: World, chat: int, content: Json) -> Json:
    return world.post(chat, {"from": world.bot, **content})


def get_me(world: World, told: Json, files: Files) -> Json:
    more = {"can_join_groups": True, "can_read_all_group_messages": not world.privacy, "supports_inline_queries": False}
    return world.bot | more


def send_message(world: World, told: Json, files: Files) -> Json:
    chat = _chat(world, told)
    message = _post(world, chat, {"text": _text(told), **_markup(told), **_reply(world, chat, told)})
    if told.get("disable_notification") in (True, "true", "True"):
        world.silent.add((chat, message["message_id"]))
    return message


def send_photo(world: World, told: Json, files: Files) -> Json:
    chat = _chat(world, told)
    photo = _as_photo(world, _upload(told["photo"], files)[1])
    return _post(world, chat, {"photo": photo, **_caption(told), **_markup(told), **_reply(world, chat, told)})


def send_media_group(world: World, told: Json, files: Files) -> list[Json]:
    chat, media = _chat(world, told), told["media"]
    if not 2 <= len(media) <= 10:
        raise bad("wrong number of messages to send as an album")
    if "reply_markup" in told:
        raise bad("albums have no buttons")
    contents = []
    for item in media:
        if item["type"] != "photo":
            raise bad("only photos are expected here")
        contents.append({"photo": _as_photo(world, _upload(item["media"], files)[1]), **_caption(item)})
    group = {"media_group_id": str(1 + len(world.files)), **_reply(world, chat, told)}
    return [_post(world, chat, content | group) for content in contents]


def send_document(world: World, told: Json, files: Files) -> Json:
    chat = _chat(world, told)
    name, data = _upload(told["document"], files)
    if len(data) > 50_000_000:
        raise Refused(413, "Request Entity Too Large")
    kinds = {"png": "image/png", "webp": "image/webp", "zip": "application/zip"}
    document = world.document(name, kinds.get(name.rpartition(".")[2], "application/octet-stream"), data)
    return _post(world, chat, {"document": document, **_caption(told), **_markup(told), **_reply(world, chat, told)})


def _is_webm(data: bytes) -> bool:
    return data.startswith(b"\x1a\x45\xdf\xa3")


def _video(data: bytes) -> tuple[int, int]:
    """The size of a video sticker: VP9 in WEBM, one side 512, at most 3 seconds, 30 frames a second, 256 KB, no sound."""
    if len(data) > 256 * 1024:
        raise bad("STICKER_VIDEO_BIG")
    with av.open(io.BytesIO(data)) as container:
        if len(container.streams) != 1 or container.streams.video[0].codec_context.name != "vp9":
            raise bad("STICKER_VIDEO_NOWEBM")
        stream = container.streams.video[0]
        count = sum(1 for _ in container.decode(video=0))
        if stream.average_rate > 30 or count / stream.average_rate > 3 or max(stream.width, stream.height) != 512:
            raise bad("STICKER_VIDEO_LONG")
        return stream.width, stream.height


def _sticker(world: World, data: bytes, emoji: str = "", set_name: str = "") -> Json:
    video = _is_webm(data)
    width, height = _video(data) if video else _picture(data).size
    file = world.keep(data, "sticker", "webm" if video else "webp")
    told = {"file_id": file.id, "file_unique_id": file.unique, "type": "regular", "is_animated": False}
    told |= {"is_video": video, "width": width, "height": height, "file_size": len(data)}
    return told | ({"emoji": emoji} if emoji else {}) | ({"set_name": set_name} if set_name else {})


def send_sticker(world: World, told: Json, files: Files) -> Json:
    chat = _chat(world, told)
    data = _upload(told["sticker"], files)[1]
    if not _is_webm(data):
        image = _picture(data)
        if (
            image.format != "WEBP"
            or max(image.size) != 512
            or len(data) > 512 * 1024
            or getattr(image, "n_frames", 1) > 1
        ):
            raise bad("wrong sticker file")
    return _post(world, chat, {"sticker": _sticker(world, data), **_markup(told), **_reply(world, chat, told)})


def send_animation(world: World, told: Json, files: Files) -> Json:
    chat = _chat(world, told)
    name, data = _upload(told["animation"], files)
    image = _picture(data)
    if image.format != "GIF" or not name.endswith(".gif") or image.n_frames < 2:
        raise bad("wrong animation")
    file = world.keep(data, "animation", "gif")
    shown = {
        "file_id": file.id,
        "file_unique_id": file.unique,
        "width": image.width,
        "height": image.height,
        "duration": 2,
    }
    return _post(world, chat, {"animation": shown, **_markup(told), **_reply(world, chat, told)})


def send_chat_action(world: World, told: Json, files: Files) -> bool:
    chat = _chat(world, told)
    if told["action"] not in ACTIONS:
        raise bad("wrong parameter action in request")
    world.actions.append((chat, told["action"]))
    return True


def edit_message_text(world: World, told: Json, files: Files) -> Json:
    chat, text, markup = _chat(world, told), _text(told), _markup(told)
    message = world.messages[chat].get(int(told["message_id"]))
    if message is None or message["from"] != world.bot or "text" not in message:
        raise bad("message to edit not found")
    if message["text"] == text and message.get("reply_markup") == markup.get("reply_markup"):
        raise bad(
            "message is not modified: specified new message content and reply markup are exactly the same as a current"
            " content and reply markup of the message"
        )
    message.pop("reply_markup", None)
    message |= {"text": text, "edit_date": message["date"], **markup}
    world.edits.append(dict(message))
    world.edit_times.append(time.monotonic())
    return message


def delete_message(world: World, told: Json, files: Files) -> bool:
    chat = _chat(world, told)
    message = world.messages[chat].pop(int(told["message_id"]), None)
    if message is None:
        raise bad("message to delete not found")
    world.deleted.append(message)
    return True


def answer_callback_query(world: World, told: Json, files: Files) -> bool:
    if told["callback_query_id"] not in world.queries or len(told.get("text", "")) > 200:
        raise bad("query is too old and response timeout expired or query ID is invalid")
    world.answered.add(told["callback_query_id"])
    return True


def get_file(world: World, told: Json, files: Files) -> Json:
    file = world.files.get(told["file_id"])
    if file is None:
        raise bad("wrong file_id or the file is temporarily unavailable")
    if len(file.data) > 20 * 1024 * 1024:
        raise bad("file is too big")
    return {"file_id": file.id, "file_unique_id": file.unique, "file_size": len(file.data), "file_path": file.path}


def set_my_commands(world: World, told: Json, files: Files) -> bool:
    commands = told["commands"]
    for command in commands:
        if not re.fullmatch(r"[a-z0-9_]{1,32}", command["command"]):
            raise bad("BOT_COMMAND_INVALID")
        if not 1 <= len(command["description"]) <= 256:
            raise bad("BOT_COMMAND_DESCRIPTION_INVALID")
    if len(commands) > 100:
        raise bad("BOT_COMMANDS_TOO_MUCH")
    world.commands[told.get("scope", {"type": "default"})["type"]] = commands
    return True


def get_user_profile_photos(world: World, told: Json, files: Files) -> Json:
    user, most = int(told["user_id"]), int(told.get("limit", 100))
    if user not in world.users:
        raise bad("user not found")
    if not 1 <= most <= 100:
        raise bad("LIMIT_INVALID")
    return {"total_count": len(world.avatars[user]), "photos": world.avatars[user][:most]}


# --- stickers ---------------------------------------------------------------------------------------------------------
def _owner(world: World, told: Json) -> int:
    user = int(told["user_id"])
    if user not in world.started:
        raise bad("PEER_ID_INVALID")
    return user


def _input_sticker(world: World, told: Json, files: Files, set_name: str) -> Json:
    if told.get("format") not in ("static", "video"):
        raise bad("STICKER_FORMAT_INVALID")
    emoji = told.get("emoji_list", [])
    if not 1 <= len(emoji) <= 20 or any((one.isascii() and one.isalpha()) or len(one) > 12 for one in emoji):
        raise bad("STICKER_EMOJI_INVALID")
    data = _upload(told["sticker"], files)[1]
    if told["format"] == "video":
        return _sticker(world, data, emoji[0], set_name)
    image = _picture(data)
    if image.format not in ("WEBP", "PNG"):
        raise bad("STICKER_PNG_NOPNG")
    if max(image.size) != 512:
        raise bad("STICKER_PNG_DIMENSIONS")
    if len(data) > 512 * 1024:
        raise bad("STICKER_FILE_TOO_BIG")
    return _sticker(world, data, emoji[0], set_name)


def create_new_sticker_set(world: World, told: Json, files: Files) -> bool:
    _owner(world, told)
    name, title, stickers = told["name"], told["title"], told["stickers"]
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", name) or "__" in name or len(name) > 64:
        raise bad("STICKERSET_NAME_INVALID")
    if not name.lower().endswith(f"_by_{USERNAME.lower()}"):
        raise bad("invalid sticker set name is specified")
    if not 1 <= len(title) <= 64:
        raise bad("STICKERSET_TITLE_INVALID")
    if name.lower() in (known.lower() for known in world.sets):
        raise bad("sticker set name is already occupied")
    if not 1 <= len(stickers) <= 50:
        raise bad("STICKERS_WRONG_NUMBER")
    made = [_input_sticker(world, sticker, files, name) for sticker in stickers]
    world.sets[name] = {"name": name, "title": title, "sticker_type": "regular", "stickers": made}
    return True


def add_sticker_to_set(world: World, told: Json, files: Files) -> bool:
    _owner(world, told)
    known = _set(world, told["name"])
    if len(known["stickers"]) >= 120:
        raise bad("STICKERS_TOO_MUCH")
    known["stickers"].append(_input_sticker(world, told["sticker"], files, told["name"]))
    return True


def get_sticker_set(world: World, told: Json, files: Files) -> Json:
    return _set(world, told["name"])


def delete_sticker_from_set(world: World, told: Json, files: Files) -> bool:
    file = world.files.get(told["sticker"])
    for name, known in list(world.sets.items()):
        left = [one for one in known["stickers"] if file is None or one["file_unique_id"] != file.unique]
        if len(left) < len(known["stickers"]):
            known["stickers"] = left
            if not left:
                del world.sets[name]
            return True
    raise bad("STICKERSET_NOT_MODIFIED")


def _set(world: World, name: str) -> Json:
    if name not in world.sets:
        raise bad("STICKERSET_INVALID")
    return world.sets[name]


METHODS: dict[str, Callable[[World, Json, Files], Any]] = {
    "".join(word.capitalize() if place else word for place, word in enumerate(method.__name__.split("_"))): method
    for method in (
        get_me, get_user_profile_photos, send_message, send_photo, send_media_group, send_document, send_sticker, send_animation, send_chat_action,
        edit_message_text, delete_message, answer_callback_query, get_file, set_my_commands, create_new_sticker_set,
        add_sticker_to_set, get_sticker_set, delete_sticker_from_set,
    )
}  # fmt: skip
SENDING = frozenset(
    {"sendMessage", "sendPhoto", "sendMediaGroup", "sendDocument", "sendSticker", "editMessageText", "addStickerToSet"}
)
