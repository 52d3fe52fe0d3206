"""What a bot process runs. Importing this loads everything, so that a fork of the importer is up at once."""

import asyncio
import os
import sys
from pathlib import Path

import storage
from bot import app, parser
from bot.platforms import started
from bot.platforms.feishu import connection, door
from bot.platforms.http import server as http
from bot.platforms.onebot import sending
from bot.platforms.onebot import server as onebot
from bot.platforms.telegram import aiogram, ptb
from bot.platforms.web import server
from storage import settings

PLATFORMS = (aiogram, ptb, server, http, onebot, door)
parser.parse("你好")  # the dictionary, too


def serve(environment: dict[str, str], log: Path | None) -> None:
    """The command ``up`` in a fresh process with that environment."""
    os.environ.update(environment)
    started.AFTER_SECONDS = 3600.0  # scripts list no progress
    connection.FIRST_WAIT = 0.1
    onebot.PACE_SECONDS, sending.LOOK_SECONDS = 0.0, (0.2, 0.5)  # nobody takes our scripts for spam
    if log is not None:
        file = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.dup2(file, 1)
        os.dup2(file, 2)
    told = settings.load()
    with storage.open(told.data, told) as store:
        asyncio.run(app.serve(store))
    sys.exit(0)
