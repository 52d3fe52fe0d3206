"""What is run together, and what is said when it cannot be."""

import asyncio
import socket
import time
from pathlib import Path

import numpy as np
import pytest

import storage
from bot import app, doctor
from bot.supervisor import Crew
from lettering import font
from storage import HeyingError, instance_lock, inversions, photos
from storage.settings import Settings, load
from tests.storage.house import png


async def serve(tmp_path: Path, settings: Settings) -> None:
    """Run the application without workers."""
    with storage.open(tmp_path / "data", settings) as store:
        await asyncio.wait_for(app.serve(store, Crew(store, ())), 20)


async def test_a_port_that_is_taken(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(HeyingError, match="taken") as raised:
            await serve(tmp_path, load(web={"port": port}))
    assert str(port) in raised.value.sentence


async def test_a_platform_that_does_not_exist(tmp_path: Path) -> None:
    with pytest.raises(HeyingError) as raised:
        await serve(tmp_path, load(platforms=("icq",)))
    assert "不认识聊天平台「icq」" in raised.value.sentence


async def test_the_port_of_the_metrics(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(HeyingError, match="taken") as raised:
            await serve(tmp_path, load(web={"port": 0}, metrics={"port": port}))
    assert str(port) in raised.value.sentence


async def test_open_to_the_network_only_with_a_password(tmp_path: Path) -> None:
    with pytest.raises(HeyingError, match="no password") as raised:
        await serve(tmp_path, load(web={"host": "0.0.0.0", "port": 0}))
    assert "HEYING_WEB_PASSWORD" in raised.value.sentence
    assert "unprotected = true" in raised.value.sentence


async def test_two_programs_never_share_a_folder(tmp_path: Path) -> None:
    """The second is told so and touches nothing; when the first is gone, however that came, it may."""
    with storage.open(tmp_path / "data") as store:
        with instance_lock.alone(store, "web"):
            with pytest.raises(HeyingError, match="served by another") as raised:
                await serve(tmp_path, load(web={"port": 0}))
            assert "已经有一个合影在用" in raised.value.sentence
            with instance_lock.alone(store, "telegram"):
                pass
        with instance_lock.alone(store, "web"):
            pass


async def test_without_the_font_nothing_starts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(font, "FONT", tmp_path / "NotoSansSC-Bold.otf")
    with pytest.raises(HeyingError, match="cannot be read") as raised:
        await serve(tmp_path, load(web={"port": 0}))
    assert "NotoSansSC-Bold.otf" in raised.value.sentence
    findings = {finding.what: finding for finding in doctor.examine(load(data=tmp_path / "data"))}
    assert not findings["字体"].well


async def test_what_has_expired_goes_by_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows and files, without anybody asking: the periodic work does it while the chat runs."""
    monkeypatch.setattr(app, "SWEEP_SECONDS", 1)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = load(platforms=(), metrics={"port": port}, retention={"photos": 1, "inversions": 1})
    now = time.time()
    with storage.open(tmp_path / "data", settings, clock=lambda: now) as store:
        photo = photos.keep(store, png("red"), "test:ann", clean=png("blue"))
        inversions.save(store, "ab" * 16, {"z": np.zeros(3)}, photo=photo.sha256)
        files = [path for path in store.folder.rglob("*") if path.suffix in (".png", ".npz")]
        assert len(files) == 3
        now += 2 * 86400
        running = asyncio.create_task(app.serve(store, Crew(store, ())))
        try:
            async with asyncio.timeout(60):
                while any(path.exists() for path in files):
                    await asyncio.sleep(0.1)
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
        assert store.one("SELECT sha256 FROM photos") is None


async def test_it_is_open_when_it_can_be_reached(tmp_path: Path) -> None:
    """Not before the page answers; and where the port is taken, never."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        said: list[str] = []
        free.listen()
        with storage.open(tmp_path / "data", load(web={"port": port})) as store:
            serving = app.serve(store, Crew(store, ()), opened=lambda: said.append("open"))
            with pytest.raises(HeyingError):
                await asyncio.wait_for(serving, 20)
        assert said == []
    with storage.open(tmp_path / "data", load(web={"port": port})) as store:

        def opened() -> None:
            with socket.create_connection(("127.0.0.1", port), 5):
                said.append("open")
            running.cancel()

        running = asyncio.create_task(app.serve(store, Crew(store, ()), opened=opened))
        await asyncio.wait([running], timeout=30)
    assert said == ["open"]
