"""What is run together, and what is said when it cannot be."""

import asyncio
import socket
from pathlib import Path

import pytest

import storage
from bot import app
from bot.crew import Crew
from storage import HeyingError
from storage.settings import Settings, load


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
