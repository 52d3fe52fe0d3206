"""The page for an address at which nothing is."""

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from bot.platforms.web import words


async def lost(request: Request, error: Exception) -> Response:
    """To a person a page with the way back, to a program no more than the status."""
    if request.method == "GET" and "text/html" in request.headers.get("accept", ""):
        return HTMLResponse(_page(), 404)
    return Response(status_code=404)


def _page() -> str:
    return f"""<!doctype html>
<html lang="{words.LANG}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{words.LOST} · {words.TITLE}</title>
<link rel="icon" href="/look/face.svg">
<link rel="stylesheet" href="/look/frame.css">
<body class="hy-door">
<script src="/look/door.js"></script>
<main>
  <img class="hy-face" src="/look/face.svg" alt="">
  <h1>{words.LOST}</h1>
  <p>{words.LOST_HINT}</p>
  <a class="hy-chip main" href="/">{words.BACK_TO_CHAT}</a>
</main>
</body>
</html>"""
