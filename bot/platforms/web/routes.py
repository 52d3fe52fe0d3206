"""What the pages fetch beside themselves: uploads, pictures, sticker downloads, everything of one person.

Each route answers the person of the session with what is theirs, and 404 for what is somebody else's, in the same way
as for what does not exist.
"""

import asyncio
import contextlib
import secrets
import tempfile
import time
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from starlette.background import BackgroundTask
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, JSONResponse, RedirectResponse, Response

from bot import inbox, stickers
from bot.platforms import Incoming
from bot.platforms.web import words
from bot.platforms.web.connections import Tally
from bot.platforms.web.writes import taken_in, written
from lettering import marks, moving
from storage import HeyingError, Storage, chats, packs, photos, retention, rooms

MOST_FILES, MOST_UPLOADS = 30, 64  # in one gesture; gestures at a time
PREVIEW, THUMB = 1280, 320  # pixels: larger pictures are shown reduced, and downloaded whole
NAME = "web"
_uploads = 0  # under way
_unfinished = Tally("uploads not finished")


class _Unfinished(Exception):
    """An upload did not come to its end."""

    def __init__(self, sentence: str, log: str) -> None:
        super().__init__(log)
        self.sentence, self.log = sentence, log


def user_of(session: Any) -> str:
    """The person of a session."""
    return f"{NAME}:{session['id']}"


def tray(store: Storage, user: str, name: str = "tray", *, add: str = "", remove: str = "") -> list[str]:
    """The photos that wait: to be sent with the next sentence ("tray"), or to be learnt from ("teach")."""
    if not add and not remove:
        return list(chats.preference(store, user, name, []))
    with store.atomic():
        kept = [sha for sha in chats.preference(store, user, name, []) if sha not in (add, remove)]
        kept += [add] if add else []
        chats.prefer(store, user, name, kept or None)
        return kept


async def attach(store: Storage, request: Request) -> Response:
    """Take in the files of one gesture: usable ones wait in the tray, of the others the chat says what is wrong. With
    ?for=teach they wait to be learnt from, and what is wrong is answered at once."""
    user = user_of(request.session)
    teach = request.query_params.get("for") == "teach"
    most = store.settings.limits.megabytes * 1e6
    length = request.headers.get("content-length", "")
    if request.headers.get("x-heying") != "attach" or not length.isdigit():  # another site cannot set that header
        return Response(status_code=400)
    if int(length) > most * MOST_FILES:
        problems = [words.TOO_MUCH_AT_ONCE]
    else:
        try:
            problems = await _received(store, request, user, "teach" if teach else "tray")
        except _Unfinished as why:  # what is still to come is not waited for
            _unfinished.turn_away(why.log, _uploads)
            return JSONResponse([why.sentence], headers={"Connection": "close"})
    if teach:
        return JSONResponse(problems)
    if problems:
        chat = rooms.further(user, rooms.number(request.query_params.get("chat", "")))
        incoming = Incoming(NAME, secrets.token_hex(16), chat, user, problems=tuple(problems))
        try:
            await written(user, inbox.receive, store, incoming)
        except HeyingError as error:  # the disk is full: the chat cannot say so
            return JSONResponse(list(dict.fromkeys((*problems, error.sentence))))
    return Response(status_code=204)


async def share(store: Storage, request: Request) -> Response:
    """Photos that the phone's own share sheet hands over (Web Share Target): they wait in the tray like those that were
    chosen, and the chat is shown. Only the browser itself may send them (``handed_over``)."""
    user, problems = user_of(request.session), [words.TOO_MUCH_AT_ONCE]
    length = request.headers.get("content-length", "")
    if length.isdigit() and int(length) <= store.settings.limits.megabytes * 1e6 * MOST_FILES:
        try:
            problems = await _received(store, request, user, "tray")
        except _Unfinished as why:
            _unfinished.turn_away(why.log, _uploads)
            problems = [why.sentence]
    if problems:
        incoming = Incoming(NAME, secrets.token_hex(16), user, user, problems=tuple(problems))
        with contextlib.suppress(HeyingError):  # the disk is full: the page will say so
            await written(user, inbox.receive, store, incoming)
    return RedirectResponse("/", 303)


async def _received(store: Storage, request: Request, user: str, waits_in: str) -> list[str]:
    """Take in what is uploaded; what is wrong with it. So many at a time, and each within its time: whoever sends drop
    by drop holds up nobody else. Raises _Unfinished."""
    global _uploads
    if _uploads >= MOST_UPLOADS:
        raise _Unfinished(words.UPLOADS_BUSY, "too many at a time")
    _uploads += 1
    problems: list[str] = []
    most = store.settings.limits.megabytes * 1e6
    try:
        async with contextlib.AsyncExitStack() as opened:
            async with asyncio.timeout(store.settings.web.upload_seconds):
                form = await opened.enter_async_context(request.form(max_files=10 * MOST_FILES))
            files = [file for file in form.getlist("file") if isinstance(file, UploadFile)]
            for file in files[:MOST_FILES]:
                data = await file.read(int(most) + 1)
                try:
                    photo = await taken_in(store, data, user)
                    await written(user, tray, store, user, waits_in, add=photo.sha256)
                except HeyingError as error:
                    problems.append(words.about_file(Path(file.filename or "").name, error.sentence))
            if len(files) > MOST_FILES:
                problems.append(words.too_many_files(MOST_FILES))
    except TimeoutError:
        raise _Unfinished(words.UPLOAD_TOO_SLOW, "too slow") from None
    except (ClientDisconnect, HTTPException) as error:  # gone in the middle, or no form at all
        raise _Unfinished(words.UPLOAD_TOO_SLOW, type(error).__name__) from None
    finally:
        _uploads -= 1
    return problems


async def photo(store: Storage, request: Request) -> Response:
    """One of the user's own pictures; with ?preview or ?thumb a copy no larger than is shown."""
    sha256 = request.path_params["sha256"]
    try:
        data = await asyncio.to_thread(photos.read, store, sha256, user_of(request.session))
    except HeyingError:
        return Response(status_code=404)
    headers = {"Cache-Control": "private, max-age=86400, immutable"}
    kind = "image/webp" if data[8:12] == b"WEBP" else "image/png"
    side = next((side for name, side in (("preview", PREVIEW), ("thumb", THUMB)) if name in request.query_params), 0)
    if "download" in request.query_params:
        headers["Content-Disposition"] = f'attachment; filename="heying-{sha256[:8]}.{kind.removeprefix("image/")}"'
    elif side and max(photos.size(store, sha256)) > side and not moving.moves(data):
        data, kind = await asyncio.to_thread(_reduced, store, sha256, side), "image/webp"
    return Response(data, media_type=kind, headers=headers)


async def pack(store: Storage, request: Request) -> Response:
    """Stickers of one of the user's own packs as a ZIP: all, or those in ?only=…; for one platform, or for all."""
    user, kind = user_of(request.session), request.path_params["kind"]
    only = request.query_params.get("only", "")
    chosen = {int(id) for id in only.split(",") if id.isdecimal() and len(id) < 19} if only else None
    formats = None if kind == "zip" else (kind,)
    if kind not in ("zip", *stickers.FORMATS):
        return Response(status_code=404)
    try:
        known = packs.get(store, request.path_params["id"], user)
        data = await asyncio.to_thread(stickers.archive, store, known.id, user, chosen, formats)
    except HeyingError:
        return Response(status_code=404)
    name = quote(known.title + ("" if kind == "zip" else f"-{kind}") + ".zip")
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}", "Cache-Control": "no-store"}
    return Response(data, media_type="application/zip", headers=headers)


async def mine(store: Storage, request: Request) -> Response:
    """Everything we have of the person, as a ZIP."""
    user = user_of(request.session)
    folder = tempfile.TemporaryDirectory(prefix="heying-")  # gone when the download is over
    path = Path(folder.name) / "heying.zip"
    try:
        await asyncio.to_thread(retention.export, store, user, path)
    except HeyingError as error:
        folder.cleanup()
        return Response(error.sentence, 503, media_type="text/plain")
    return FileResponse(
        path,
        media_type="application/zip",
        filename=f"heying-{time.strftime('%Y%m%d')}.zip",
        headers={"Cache-Control": "no-store"},
        background=BackgroundTask(folder.cleanup),
    )


@lru_cache(maxsize=128)
def _reduced(store: Storage, sha256: str, side: int) -> bytes:
    """The picture no larger than that many pixels, still saying that AI made it."""
    return marks.smaller(photos.read(store, sha256), side)
