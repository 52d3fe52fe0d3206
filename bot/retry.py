"""Writes that must not be given up: the disk is full, another program holds the database, and we wait."""

import asyncio
import sqlite3
from collections.abc import Callable
from typing import ParamSpec, TypeVar

import structlog

from storage import StorageError

TROUBLE = (StorageError, sqlite3.OperationalError, OSError)  # what passes by itself, or when somebody clears up
AGAIN_SECONDS = 1.0

P = ParamSpec("P")
Result = TypeVar("Result")

log = structlog.get_logger()


async def insist(act: Callable[P, Result], *args: P.args, **named: P.kwargs) -> Result:
    """Do something in a thread until the disk lets us; any other error is raised."""
    while True:
        try:
            return await asyncio.to_thread(act, *args, **named)
        except TROUBLE as error:
            log.error("cannot write", what=act.__name__, error=type(error).__name__, reason=str(error))
            await asyncio.sleep(AGAIN_SECONDS)
