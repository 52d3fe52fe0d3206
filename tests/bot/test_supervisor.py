"""Worker processes: started again when they die, given up when asked to, stopped gently."""

import asyncio
from pathlib import Path

import pytest

from bot import replies, supervisor
from bot.supervisor import Crew, CrewError
from storage import Storage

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
