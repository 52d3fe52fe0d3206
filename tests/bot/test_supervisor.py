"""Worker processes: started again when they die, given up when asked to, stopped gently."""

import asyncio
import json
import os
from pathlib import Path

import pytest

import storage
from bot import replies, supervisor
from bot.supervisor import Crew, CrewError
from bot.waking import waking
from storage import Storage, jobs, workers
from tests.storage.house import Clock

WRITE = "import os, pathlib; p = pathlib.Path({path!r}); p.open('a').write(os.environ['HEYING_WORKER'] + '\\n')"


async def test_one_that_dies_is_started_again(store: Storage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "FIRST_PAUSE", 0.01)
    path = tmp_path / "lives"
    running = asyncio.create_task(Crew(store, (("-c", WRITE.format(path=str(path))),)).run())
    for _ in range(600):
        await asyncio.sleep(0.05)
        if path.exists() and len(path.read_text().split()) >= 3:
            break
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    lives = path.read_text().split()
    assert len(lives) >= 3
    assert len(set(lives)) == len(lives), "each life has a name of its own, or its jobs could not be told apart"


async def test_one_that_keeps_dying_is_given_up(store: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "FIRST_PAUSE", 0.01)
    with pytest.raises(ExceptionGroup) as raised:
        await Crew(store, (("-c", "raise SystemExit(1)"),), tries=2).run()
    (error,) = raised.value.exceptions
    assert isinstance(error, CrewError)
    assert error.sentence == replies.NO_WORKER


async def test_who_starts_slowly_is_starting_and_who_dies_is_lost(
    store: Storage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However long it takes, as long as the process lives; one that was heard of and killed starts again."""
    monkeypatch.setattr(supervisor, "FIRST_PAUSE", 0.01)
    clock = Clock()
    told = {"owner": "web:ann", "chat": "web:ann", "request": jobs.GenerateRequest("猫")}
    with storage.open(tmp_path / "slow", clock=clock) as slow:
        job = jobs.enqueue(slow, key="a", kind="generate", **told)  # type: ignore[arg-type]
        running = asyncio.create_task(Crew(slow, (("-c", "import time; time.sleep(60)"),)).run())
        await asyncio.sleep(0.5)
        clock.go(600)
        assert waking(slow, job) == "starting"
        assert replies.stage(1, None, waking(slow, job)) == replies.STARTING
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    job = jobs.enqueue(store, key="a", kind="generate", **told)  # type: ignore[arg-type]
    assert waking(store, job) == "starting"
    running = asyncio.create_task(Crew(store, (("-c", "raise SystemExit(1)"),)).run())
    async with asyncio.timeout(60):
        while waking(store, job) != "lost":
            await asyncio.sleep(0.05)
    assert replies.stage(1, None, waking(store, job)) == replies.NO_WORKER
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    code = (
        "import os, time, storage; from storage import workers;"
        "store = storage.open(os.environ['HEYING_DATA']); workers.publish(store, os.environ['HEYING_WORKER'], []);"
        f"first = not os.path.exists({str(tmp_path / 'heard')!r}); open({str(tmp_path / 'heard')!r}, 'w');"
        "time.sleep(1 if first else 60)"
    )
    running = asyncio.create_task(Crew(store, (("-c", code),)).run())
    states = []
    async with asyncio.timeout(60):
        while states[-2:] != ["", "starting"]:
            await asyncio.sleep(0.01)
            if waking(store, job) != (states or ["lost"])[-1]:
                states.append(waking(store, job))
    assert states == ["starting", "", "starting"]
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_they_are_told_to_stop_before_they_are_killed(store: Storage, tmp_path: Path) -> None:
    path = tmp_path / "stopped"
    code = (
        "import pathlib, signal, sys, time;"
        f"signal.signal(signal.SIGTERM, lambda *_: (pathlib.Path({str(path)!r}).touch(), sys.exit()));"
        f"pathlib.Path({str(tmp_path / 'up')!r}).touch(); time.sleep(60)"
    )
    running = asyncio.create_task(Crew(store, (("-c", code),)).run())
    for _ in range(600):
        await asyncio.sleep(0.05)
        if (tmp_path / "up").exists():
            break
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert path.exists()


async def test_one_that_does_not_listen_is_killed(
    store: Storage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "PATIENCE", 0.2)
    code = (
        "import pathlib, signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        f"pathlib.Path({str(tmp_path / 'up')!r}).touch(); time.sleep(60)"
    )
    running = asyncio.create_task(Crew(store, (("-c", code),)).run())
    for _ in range(600):
        await asyncio.sleep(0.05)
        if (tmp_path / "up").exists():
            break
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(running, 10)


def test_a_cluster_has_a_gateway_for_each_lane(tmp_path: Path) -> None:
    """However many actors, a process each; its places are known by its name and a number, and go with it."""
    with storage.open(tmp_path, storage.Settings(workers={"engine": "ray", "edit": 8, "learn": 0})) as store:
        crew = supervisor.crew(store)
        assert crew.commands == (supervisor.EDIT,)
        name = f"pipeline@{supervisor.HOST}:{os.getpid()}:{supervisor.ME}:abcd"
        assert supervisor.may_live(f"{name}/7")
        assert not supervisor.may_live(f"pipeline@{supervisor.HOST}:{2**22 + 1}:feed:abcd/7")
        settings = json.loads(crew._environment(name)["HEYING_WORKERS"])
        assert storage.settings.Workers.model_validate(settings) == store.settings.workers
        for number, worker in enumerate((f"{name}/0", f"{name}/1", f"{name}f/0")):
            request = jobs.GenerateRequest("猫")
            jobs.enqueue(store, key=worker, kind="generate", owner=f"web:{number}", chat="web:room", request=request)
            workers.publish(store, worker, [], ("generate",))
            assert jobs.claim(store, worker, ("generate",)) is not None
        supervisor._bury(store, name)
        assert set(jobs.under_way(store)) == {f"{name}f/0"}
        assert workers.capabilities(store).alive == 1


def test_a_gateway_without_actors_can_do_nothing_and_hides_nothing(store: Storage) -> None:
    engine = {"name": "painter", "operations": ["remove"]}
    workers.publish(store, "gateway/0", [engine], ("edit",))
    workers.withdraw(store, "gateway/0")
    workers.publish(store, "gateway", [], ())
    known = workers.capabilities(store)
    assert (known.kinds, known.alive) == (("edit",), 0)
    assert known.operations == {"remove"}
