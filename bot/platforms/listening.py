"""A web server that runs until it is cancelled, and says when it can be reached."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator
from typing import Any

import uvicorn
from starlette.types import ASGIApp


class _Server(uvicorn.Server):
    """uvicorn without its own signal handlers: bot.app stops everything together."""

    def __init__(self, config: uvicorn.Config, opened: asyncio.Event) -> None:
        super().__init__(config)
        self.opened = opened

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, and say so."""
        await super().startup(sockets)
        if self.started:
            self.opened.set()


async def listen(application: ASGIApp, host: str, port: int, opened: asyncio.Event, **more: Any) -> None:
    """Serve until cancelled; ``opened`` is set once the port is open. ``more``: of uvicorn.Config."""
    config = uvicorn.Config(
        application,
        host=host,
        port=port,
        log_config=None,  # bot.logs has set up how lines are written
        log_level="warning",
        timeout_graceful_shutdown=1,
        proxy_headers=False,  # who asks is whoever connects: nobody may say otherwise
        server_header=False,
        **more,
    )
    server = _Server(config, opened)
    serving = asyncio.ensure_future(server.serve())
    try:
        await asyncio.shield(serving)
    except asyncio.CancelledError:
        server.should_exit = True
        await serving
        raise
