"""``play``: a script on each platform in turn. The platforms are started once and stay for all scripts."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.scenarios import on_feishu, on_http, on_onebot, on_telegram, on_web
from tests.scenarios.script import Play
from tests.telegram.server import running

ALONE = {
    "web": on_web,
    "http": on_http,
    "onebot": on_onebot,
    "feishu": on_feishu,
}  # platforms without a server of somebody else's


@pytest.fixture(scope="session", params=["aiogram", "ptb", "web", "http", "onebot", "feishu"])
def theatre(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    folder = tmp_path_factory.mktemp(request.param)
    if request.param in ALONE:
        alone = ALONE[request.param].Theatre(folder)
        yield alone
        alone.close()
        return
    with running() as server:
        telegram = on_telegram.Theatre(server, folder, request.param)
        yield telegram
        telegram.close()


@pytest.fixture
def play(theatre: Any) -> Iterator[Play]:
    yield Play(ALONE.get(theatre.name, on_telegram).Stage(theatre))
    with theatre.store.atomic() as db:  # what this script's engine could do is not what the next one's can
        db.execute("DELETE FROM workers")
