"""The page for an address at which nothing is."""

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from bot.platforms.web import words
from bot.platforms.web.routes import user_of
from storage import Storage, chats


async def lost(store: Storage, request: Request, error: Exception) -> Response:
    """To a person a page with the way back, to a program no more than the status."""
    if request.method == "GET" and "text/html" in request.headers.get("accept", ""):
        known = "id" in request.scope.get("session", {})
        dark = chats.preference(store, user_of(request.session), "dark") if known else None
        return HTMLResponse(_page(dark), 404)
    return Response(status_code=404)


def _page(dark: bool | None) -> str:
    """The page; ``dark`` as it was chosen, None as the system is."""
    look = "hy-door body--dark" if dark else "hy-door"
    asked = '<script src="/look/door.js"></script>' if dark is None else ""
    scheme = {None: "light dark", True: "dark", False: "light"}[dark]
    return f"""<!doctype html>
<html lang="{words.LANG}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{words.LOST} · {words.TITLE}</title>
<meta name="color-scheme" content="{scheme}">
<link rel="icon" href="/look/face.svg">
<link rel="stylesheet" href="/look/frame.css">
<body class="{look}">
{asked}
<main>
  <img class="hy-face" src="/look/face.svg" alt="">
  <h1>{words.LOST}</h1>
  <p>{words.LOST_HINT}</p>
  <a class="hy-chip main" href="/">{words.BACK_TO_CHAT}</a>
</main>
</body>
</html>"""
