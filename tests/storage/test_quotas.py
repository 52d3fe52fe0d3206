"""So many a day, so many in all, so quickly in a group: each refusal says when to come back."""

from pathlib import Path
from typing import Any

import pytest

import storage
from storage import Settings, Storage, jobs, rooms
from storage.requests import JobError
from storage.settings import Access
from tests.storage.house import ANN, BOB, ROOM, Clock


def opened(folder: Path, clock: Clock, **limits: Any) -> Storage:
    return storage.open(folder / "data", Settings(limits=limits), clock=clock)


def order(store: Storage, key: str, owner: str = ANN, chat: str | None = None) -> jobs.Job:
    told = {"owner": owner, "chat": chat or owner, "request": jobs.GenerateRequest("猫")}
    return jobs.enqueue(store, key=key, kind="generate", **told)  # type: ignore[arg-type]


def refused(store: Storage, key: str, **more: Any) -> str:
    with pytest.raises(JobError) as raised:
        order(store, key, **more)
    return raised.value.sentence


def test_so_many_a_day(tmp_path: Path, clock: Clock) -> None:
    store = opened(tmp_path, clock, jobs_a_day=2)
    assert jobs.left_today(store, ANN) == (2, 0.0)
    first = order(store, "a")
    clock.go(3600)
    assert jobs.left_today(store, ANN) == (1, 23 * 3600)
    order(store, "b")
    assert jobs.left_today(store, ANN) == (0, 23 * 3600)
    assert "24 小时的 2 次已经用完了，请过 23 小时再来" in refused(store, "c")
    assert order(store, "a").id == first.id  # said twice is said once
    order(store, "d", BOB)
    clock.go(23 * 3600)
    order(store, "c")


def test_so_many_in_all(tmp_path: Path, clock: Clock) -> None:
    store = opened(tmp_path, clock, waiting_jobs=3)
    for number in range(3):
        order(store, str(number), f"web:{number}")
    assert "请过 60 秒再发" in refused(store, "x").replace("1 分钟", "60 秒")
    assert jobs.claim(store, "w", ("generate",)) is not None
    order(store, "x")


def test_so_quickly_in_a_group(tmp_path: Path, clock: Clock) -> None:
    store = opened(tmp_path, clock, group_seconds=30)
    order(store, "a", ANN, ROOM)
    clock.go(10)
    assert "请过 20 秒再发" in refused(store, "b", owner=BOB, chat=ROOM)
    order(store, "c", BOB)  # at home
    order(store, "d", BOB, rooms.further(BOB, 2))  # where there are several chats, none is a group
    order(store, "e", BOB, rooms.further(BOB, 2))
    assert jobs.left_today(store, BOB) is None
    assert len(jobs.open_of(store, BOB)) == 3
    clock.go(20)
    order(store, "b", BOB, ROOM)


def test_who_is_served() -> None:
    everybody = Access()
    assert everybody.admits("telegram:1", "telegram:-5")
    some = Access(allow=("telegram:-5", "web:*"), deny=("telegram:13",))
    assert some.admits("telegram:1", "telegram:-5")
    assert some.admits("web:x", "web:x")
    assert not some.admits("telegram:1", "telegram:1")
    assert not some.admits("telegram:13", "telegram:-5")
