"""``play``: a script on each platform in turn. The platforms are started once and stay for all scripts."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.scenarios import on_telegram, on_web
from tests.scenarios.script import Play
from tests.telegram.server import running


@pytest.fixture(scope="session", params=["aiogram", "ptb", "web"])
def theatre(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    folder = tmp_path_factory.mktemp(request.param)
    if request.param == "web":
        web = on_web.Theatre(folder)
        yield web
        web.close()
        return
    with running() as server:
        telegram = on_telegram.Theatre(server, folder, request.param)
        yield telegram
        telegram.close()


@pytest.fixture
def play(theatre: Any) -> Play:
    stage = on_web.Stage(theatre) if isinstance(theatre, on_web.Theatre) else on_telegram.Stage(theatre)
    return Play(stage)
