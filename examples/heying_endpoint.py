"""For the plug-ins' tests: Heying's real http endpoint in a process of its own, with a worker that paints at once.

python -m examples.heying_endpoint FOLDER PORT SECRET     # prints "ready", serves until its input ends
"""

import asyncio
import sys
import threading
from pathlib import Path

import storage
from bot import app
from bot.platforms.http.server import Http
from bot.supervisor import Crew
from storage.settings import load
from tests.bot.talking import work


async def main(folder: str, port: str, secret: str) -> None:
    """Serve, and do what is queued."""
    settings = load(platforms=("http",), http={"port": port, "secret": secret})
    with storage.open(Path(folder), settings) as store:

        async def paint() -> None:
            while True:
                await asyncio.to_thread(work, store)
                await asyncio.sleep(0.05)

        serving = asyncio.gather(
            app.serve(store, Crew(store, ()), [Http(store, secret)], lambda: print("ready", flush=True)), paint()
        )
        loop = asyncio.get_running_loop()
        threading.Thread(
            target=lambda: (sys.stdin.read(), loop.call_soon_threadsafe(serving.cancel)), daemon=True
        ).start()
        await asyncio.gather(serving, return_exceptions=True)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
