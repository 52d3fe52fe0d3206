"""Who may come in: the names and addresses we answer to, the optional password, the headers on every answer.

On this machine alone (the default) everybody who can reach the page may use it, each browser for itself. Opened to the
network, it asks for a password (HEYING_WEB_PASSWORD), unless the settings say that something in front of it does.
"""

import asyncio
import contextlib
import hashlib
import hmac
import html
import ipaddress
import time
from collections import deque
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from urllib.parse import parse_qs, urlsplit

from itsdangerous import BadSignature, TimestampSigner
from starlette.requests import ClientDisconnect, HTTPConnection, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocketClose

from bot import replies
from bot.platforms.web import words
from storage import HeyingError
from storage.settings import Settings

COOKIE, STAYS = "heying_door", 30 * 86400  # seconds that a browser stays let in
TRIES, EVERYBODY, WITHIN = 5, 50, 300.0  # wrong passwords of one address, of all together, in so many seconds
LONGEST, FORM_SECONDS = 4096, 10.0  # bytes of a form with a password, and how long it may take to come
HOUR, NEW_AN_HOUR = 3600.0, 240  # new cookies of one address within an hour: a school, but not a flood
SHARE = "/share"  # where the phone's share sheet hands photos over
FREE = ("/look/", "/healthz", "/metrics")  # what the form needs; the last two ask who is asking themselves
# The browser itself refuses whatever is not from here. NiceGUI's scripts are inline and Vue compiles its templates.
POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline';"
    " img-src 'self' data: blob:; connect-src 'self'; frame-ancestors 'none'; base-uri 'self'; form-action 'self';"
    " object-src 'none'"
)


def loopback(host: str) -> bool:
    """Whether an address is this machine's own."""
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return host == "localhost"


def password(settings: Settings) -> str | None:
    """The password that is asked for, None when nobody is asked. Raises HeyingError where the page would lie open to
    the network."""
    if settings.web_password is not None:
        return settings.web_password.get_secret_value()
    if not loopback(settings.web.host) and not settings.web.unprotected:
        raise HeyingError(
            replies.open_to_all(settings.web.host), f"no password, but {settings.web.host} is no loopback"
        )
    return None


def from_here(request: HTTPConnection) -> bool:
    """Whether somebody on this machine asks, and not a proxy on it in somebody else's name."""
    forwarded = ("x-forwarded-for", "forwarded", "x-real-ip")
    return (
        _address(request.scope) is not None
        and loopback(_address(request.scope) or "")
        and not any(name in request.headers for name in forwarded)
    )


def handed_over(asked: HTTPConnection) -> bool:
    """Whether the browser itself sends this, and no page in it: what a share sheet hands over has no origin, and only
    the browser can write that no site asked for it (Fetch Metadata). One that does not write so is not believed."""
    return asked.headers.get("origin") in (None, "null") and asked.headers.get("sec-fetch-site") == "none"


async def headed(request: Request, then: Callable[[Request], Awaitable[Response]]) -> Response:
    """The headers on every answer, and its language."""
    words.answer_in_language_of(request)
    response = await then(request)
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "same-origin"  # "no-referrer" would hide the Origin of our own forms, too
    response.headers["Permissions-Policy"] = "camera=(), microphone=(self), geolocation=()"
    return response


class Tries:
    """Passwords that were tried and not right (yet): at most TRIES of an address and EVERYBODY of all, then a wait."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self.wrong: deque[tuple[float, str]] = deque()

    def wait(self, address: str) -> float:
        """Seconds until this address may try again; 0 when it may now."""
        now = self.clock()
        while self.wrong and self.wrong[0][0] <= now - WITHIN:
            self.wrong.popleft()
        own = [at for at, who in self.wrong if who == address]
        waits = [own[-TRIES] + WITHIN - now] if len(own) >= TRIES else []
        waits += [self.wrong[-EVERYBODY][0] + WITHIN - now] if len(self.wrong) >= EVERYBODY else []
        return max(waits, default=0.0)

    def count(self, address: str) -> tuple[float, str]:
        """One more; what it is called, for ``forgive``."""
        self.wrong.append((self.clock(), address))
        return self.wrong[-1]

    def forgive(self, one: tuple[float, str]) -> None:
        """It was the right password."""
        with contextlib.suppress(ValueError):
            self.wrong.remove(one)


class Newcomers:
    """ASGI middleware: an address that is not this machine's own gets so many new cookies within an hour, and no more.
    Whoever throws the cookie away is somebody new, and new people have a turn of their own each."""

    def __init__(self, app: ASGIApp, secret: str, cookie: str, clock: Callable[[], float] = time.monotonic) -> None:
        self.app, self.cookie, self.clock = app, cookie, clock
        self.signer = TimestampSigner(secret)
        self.came: deque[tuple[float, str]] = deque()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, or refuse."""
        address = _address(scope) or ""
        if scope["type"] != "http" or loopback(address) or str(scope["path"]).startswith(("/door", *FREE, "/_nicegui")):
            return await self.app(scope, receive, send)
        if not self._known(HTTPConnection(scope)):
            now = self.clock()
            while self.came and self.came[0][0] <= now - HOUR:
                self.came.popleft()
            own = [at for at, who in self.came if who == address]
            if len(own) >= NEW_AN_HOUR:
                wait = max(1, round(own[-NEW_AN_HOUR] + HOUR - now))
                response = HTMLResponse(words.too_many_newcomers(wait), HTTPStatus.TOO_MANY_REQUESTS)
                response.headers["Retry-After"] = str(wait)
                return await response(scope, receive, send)
            self.came.append((now, address))
        return await self.app(scope, receive, send)

    def _known(self, asked: HTTPConnection) -> bool:
        try:
            self.signer.unsign(asked.cookies.get(self.cookie, ""))
        except BadSignature:
            return False
        return True


class SameOrigin:
    """ASGI middleware: what a browser says comes from another site's page may look at nothing and change nothing. A
    browser tells (Origin, RFC 6454) for sockets and for everything but plain visits; what tells nothing is no browser's.

    ``address`` is what browsers see, where a proxy in front changes the name they asked for.
    """

    def __init__(self, app: ASGIApp, address: str = "") -> None:
        self.app, self.address = app, address.rstrip("/")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, or refuse."""
        if scope["type"] == "lifespan" or self._ours(HTTPConnection(scope)):
            return await self.app(scope, receive, send)
        if scope["type"] == "websocket":
            return await WebSocketClose(4403)(scope, receive, send)
        return await Response(status_code=403)(scope, receive, send)

    def _ours(self, asked: HTTPConnection) -> bool:
        if asked.scope["path"] == SHARE:
            return handed_over(asked)
        origin = asked.headers.get("origin")
        if origin is None or (self.address and origin == self.address):
            return True
        return urlsplit(origin).netloc == asked.headers.get("host", "")


class Door:
    """ASGI middleware: without the password nothing is reached but the form that asks for it, no socket either."""

    def __init__(self, app: ASGIApp, password: str, secret: str, tries: Tries | None = None) -> None:
        self.app = app
        self.password = hashlib.sha256(password.encode()).digest()
        # a new password shuts everybody out again
        self.signer = TimestampSigner(secret, salt=f"door:{self.password.hex()}")
        self.tries = tries or Tries()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let in, ask, or refuse."""
        if scope["type"] == "lifespan" or str(scope.get("path", "")).startswith(FREE):
            return await self.app(scope, receive, send)
        if scope["type"] == "http" and scope["path"] == "/door":
            answer = await self._asked(Request(scope, receive))
            return await answer(scope, receive, send)
        if self._known(HTTPConnection(scope)):
            return await self.app(scope, receive, send)
        if scope["type"] == "websocket":
            return await WebSocketClose(4403)(scope, receive, send)
        asked = HTTPConnection(scope)
        page = scope["method"] == "GET" and "text/html" in asked.headers.get("accept", "")
        if scope["path"] == SHARE and handed_over(asked):  # the photos are not kept for somebody who is not known
            return await RedirectResponse("/door?again", 303)(scope, receive, send)
        refused = RedirectResponse("/door", 303) if page else Response(status_code=401)
        return await refused(scope, receive, send)

    def _known(self, asked: HTTPConnection) -> bool:
        try:
            return self.signer.unsign(asked.cookies.get(COOKIE, ""), max_age=STAYS) == b"in"
        except BadSignature:
            return False

    async def _asked(self, request: Request) -> Response:
        """The form, what came of it, or goodbye."""
        if request.method != "POST":
            page = words.SHARE_AGAIN if "again" in request.query_params else ""
            return RedirectResponse("/", 303) if self._known(request) else HTMLResponse(_form(page))
        if not _same_site(request):
            return Response(status_code=400)
        if "leave" in request.query_params:
            gone = RedirectResponse("/door", 303)
            gone.delete_cookie(COOKIE)
            return gone
        address = _address(request.scope) or ""
        if wait := self.tries.wait(address):
            page = _form(words.too_many_tries(wait))
            return HTMLResponse(page, HTTPStatus.TOO_MANY_REQUESTS, {"Retry-After": str(max(1, round(wait)))})
        this = self.tries.count(address)  # before anything is waited for: guesses at the same time count, too
        try:
            async with asyncio.timeout(FORM_SECONDS):
                given = (await _form_of(request)).get("password", [""])[0]
        except (TimeoutError, ClientDisconnect):
            return Response(status_code=HTTPStatus.REQUEST_TIMEOUT)
        if not hmac.compare_digest(hashlib.sha256(given.encode("utf-8", "replace")).digest(), self.password):
            return HTMLResponse(_form(words.WRONG_PASSWORD), HTTPStatus.FORBIDDEN)
        self.tries.forgive(this)
        welcome = RedirectResponse("/", 303)
        cookie = self.signer.sign("in").decode()
        https = request.url.scheme == "https"
        welcome.set_cookie(COOKIE, cookie, max_age=STAYS, httponly=True, samesite="lax", secure=https)
        return welcome


async def _form_of(request: Request) -> dict[str, list[str]]:
    """A small form; {} for a large one."""
    data = b""
    async for part in request.stream():
        data += part
        if len(data) > LONGEST:
            return {}
    return parse_qs(data.decode("utf-8", "replace"), keep_blank_values=True)


def _same_site(request: Request) -> bool:
    """Whether our own page sends this form, as far as the browser tells."""
    return request.headers.get("sec-fetch-site", "none") in ("same-origin", "none")


def _address(scope: Scope) -> str | None:
    return scope["client"][0] if scope.get("client") else None


def _form(text: str) -> str:
    """The page that asks for the password."""
    said = f'<p class="hy-wrong" role="alert">{html.escape(text)}</p>' if text else ""
    return f"""<!doctype html>
<html lang="{words.LANG}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{words.TITLE}</title>
<link rel="icon" href="/look/face.svg">
<link rel="stylesheet" href="/look/frame.css">
<body class="hy-door">
<script src="/look/door.js"></script>
<main>
  <img class="hy-face" src="/look/face.svg" alt="">
  <h1>{words.TITLE}</h1>
  <p>{words.PASSWORD_HINT}</p>
  <form method="post" action="/door">
    <label for="password">{words.PASSWORD}</label>
    <input id="password" name="password" type="password" autocomplete="current-password" autofocus required>
    {said}
    <button class="hy-chip main" type="submit">{words.ENTER}</button>
  </form>
</main>
</body>
</html>"""
