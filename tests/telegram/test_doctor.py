"""Is the Telegram bot ready to be started? The token's form, the network, the library."""

import pytest

from bot import replies
from bot.findings import Finding
from bot.platforms import registry
from bot.platforms.telegram.settings import TokenError
from storage import Storage
from storage.settings import load
from tests.telegram.process import free_port
from tests.telegram.server import running


def found(**told: str) -> list[Finding]:
    return list(registry.examine(load(platforms=("telegram",), telegram=told)))


def test_the_token_is_checked_and_never_said() -> None:
    with running() as server:
        good = server.world.token
        (well,) = found(api=server.url, token=good)
        assert (well.well, well.sentence) == (True, replies.TELEGRAM_REACHED)
        (revoked,) = found(api=server.url, token=good[:-1] + "9")
        assert not revoked.well
        assert "401" in revoked.sentence
    (away,) = found(api=f"http://127.0.0.1:{free_port()}", token=good)
    (none,) = found()
    (strange,) = found(token="not a token")
    assert none.sentence == replies.NO_TOKEN
    assert strange.sentence == replies.BAD_TOKEN
    for finding in (revoked, away, none, strange):
        assert not finding.well
        assert good.partition(":")[2][:-1] not in finding.sentence


def test_nobody_who_does_not_use_telegram_is_bothered() -> None:
    assert [one.what for one in registry.examine(load())] == ["网页端口"]


@pytest.mark.parametrize("library", ["aiogram", "ptb"])
def test_without_a_token_the_bot_does_not_start(store: Storage, library: str) -> None:
    store.settings = load(telegram={"library": library})
    with pytest.raises(TokenError) as refused:
        registry.open_platform("telegram", store)
    assert refused.value.sentence == replies.NO_TOKEN
