"""Writes of the pages, off the event loop: while one waits for the database (somebody holds it, the disk is slow), every
other page, picture and file is served. One person's writes go one after the other, in the order they were asked for."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar
from weakref import WeakValueDictionary

from bot.intake import take_in
from storage import Storage, StorageError, photos

WRITERS = 8  # threads; they wait more than they work
MOST_WAITING = 20  # writes of one person; more are refused, so that nobody can fill the memory with them

P = ParamSpec("P")
Result = TypeVar("Result")

_pool = ThreadPoolExecutor(WRITERS, thread_name_prefix="web-write")
_decoding = ThreadPoolExecutor(16, thread_name_prefix="web-photo")  # wait for the decoders, which are processes
_turns: "WeakValueDictionary[str, _Turns]" = WeakValueDictionary()


class _Turns:
    """The writes of one person."""

    def __init__(self) -> None:
        self.lock, self.waiting = asyncio.Lock(), 0


async def written(user: str, act: Callable[P, Result], *args: P.args, **named: P.kwargs) -> Result:
    """What ``act`` returns, called in a thread after this person's earlier writes."""
    return await _in_turn(_pool, user, partial(act, *args, **named))


async def taken_in(store: Storage, data: bytes, user: str) -> photos.Photo:
    """intake.take_in, one picture of a person at a time, so that nobody keeps all decoders busy. Raises as it does."""
    return await _in_turn(_decoding, f"photos of {user}", partial(take_in, store, data, user))


async def _in_turn(pool: ThreadPoolExecutor, key: str, act: Callable[[], Result]) -> Result:
    turns = _turns.setdefault(key, _Turns())
    if turns.waiting >= MOST_WAITING:
        raise StorageError("你发得太快了，请等上一步存好再发。", f"{turns.waiting} writes wait")
    turns.waiting += 1
    try:
        async with turns.lock:
            return await asyncio.get_running_loop().run_in_executor(pool, act)
    finally:
        turns.waiting -= 1
