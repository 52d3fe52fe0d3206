"""The real application with workers that only paint: ``python -m tests.browser.serve DATA PORT [workers' arguments]``."""

import asyncio
import sys
from pathlib import Path

import storage
from bot import app
from bot.supervisor import Crew
from storage.settings import load

PAINTER = str(Path(__file__).resolve().parent.parent / "bot" / "fake_worker.py")


def main() -> None:
    """Serve until told to stop."""
    data, port, *more = sys.argv[1:]
    settings = load(data=data, web={"port": int(port)})
    with storage.open(settings.data, settings) as store:
        lanes = ((PAINTER, "edit", "stickers", *more), (PAINTER, "learn", *more))
        asyncio.run(app.serve(store, Crew(store, lanes)))


if __name__ == "__main__":
    main()
