"""Before a photo leaves this machine: the card, its answers, what is kept of them; on a real server of edits."""

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import storage
from bot import replies
from pipeline.editors.engine import Editor
from pipeline.editors.remote import Server
from pipeline.editors.settings import ServerSettings
from pipeline.engine import (
    Capabilities,
    Edited,
    EditOrder,
    EngineError,
    FigureOrder,
    Figures,
    GenerateOrder,
    Learned,
    LearnOrder,
    Progress,
    Work,
)
from pipeline.handlers import Handlers
from pipeline.worker import Worker
from storage import Storage, chats, concepts, departures, jobs, retention
from storage.jobs import EditRequest
from storage.settings import EngineSettings, Settings
from tests.bot.talking import Person
from tests.pipeline.editors.strict_server import KEY, MODEL, Strict, serving

HAT = "给她戴一顶红色的帽子"
CARD = "还没有发，先问你一声"


class Local:
    """What this machine has: it inverts the photo, more or less of it, and puts nobody in."""

    name, kind = "local", "compositing"

    def capabilities(self) -> Capabilities:
        method = {"name": "negative", "title": "底片", "operations": ["modify", "restyle"], "needs": []}
        return Capabilities(("modify", "restyle"), methods=(method,))

    def serves(self, order: EditOrder | FigureOrder | LearnOrder) -> bool:
        return isinstance(order, EditOrder)

    def edit(self, order: EditOrder) -> Work[Edited]:
        yield Progress(0, 1, "反相")
        negative = (1 - 2 * min(1.0, order.amount / 2)) * (order.photo - 127.5) + 127.5
        return Edited(negative.astype(np.uint8), np.ones(order.photo.shape[:2], np.float32), {"engine": "local"})

    def learn(self, order: LearnOrder) -> Work[Learned]:
        raise EngineError("学不会。", "not learnt here")

    def generate(self, order: GenerateOrder) -> Work[Edited]:
        raise EngineError("画不了。", "not drawn here")

    def figures(self, order: FigureOrder) -> Work[Figures]:
        raise EngineError("做不了。", "no figures here")

    def check(self) -> tuple[()]:
        return ()


class House:
    """A store, a worker with a local engine and one behind an address, and that server."""

    def __init__(self, store: Storage, state: Strict) -> None:
        self.store, self.state = store, state
        told = ServerSettings(address=state.address, model=MODEL, key=KEY, side=256, likeness=0.0)
        handlers = Handlers.open(store, [Local(), Editor("server", Server.open(told))])
        self.worker = Worker(store, handlers.tasks, name="painter")
        self.worker.publish(handlers.published())

    @property
    def host(self) -> str:
        return self.state.address.removeprefix("http://").removesuffix("/v1")

    @property
    def requests(self) -> int:
        """How many the server has had, good or bad."""
        return len(self.state.asked) + len(self.state.wrong)

    def work(self, person: Person) -> str:
        """Do what is queued; what is said then."""
        while job := jobs.claim(self.store, self.worker.name, tuple(self.worker.tasks)):
            self.worker.attempt(job)
        return "\n".join(out.text for out in person.listen())

    def engine(self, person: Person) -> str:
        """Which engine made the last picture."""
        result = jobs.of_chat(self.store, person.chat)[-1].result
        assert result is not None
        assert result.photos
        return str(result.facts["engine"])


@pytest.fixture
def house(store: Storage) -> Iterator[House]:
    with serving() as state:
        yield House(store, state)
        assert not state.wrong


def test_nothing_is_sent_before_the_answer_and_the_card_says_what_to_whom(house: House) -> None:
    person = Person(house.store)
    person.say(HAT, ("park",))
    assert CARD in house.work(person)
    card = person.heard[-1]
    for words in (house.host, MODEL, "这张照片", "名字和账号不发", "知道并且同意", "14 岁", "收回"):
        assert words in card.text
    assert [button.label for button in card.buttons] == list(replies.MAY_LEAVE.values())
    assert house.requests == 0
    person.press("同意，发过去")
    assert house.requests == 0
    assert "改好了" in house.work(person)
    assert house.requests == 1
    assert house.engine(person) == "server"
    told = chats.consent(house.store, person.user, f"away:{house.host}")
    assert told is not None
    assert (told.given, told.wording, told.version) == (True, card.text, replies.LEAVING_VERSION)


def test_agreed_for_this_photo_and_what_is_made_of_it_and_no_other(house: House) -> None:
    person = Person(house.store)
    person.say(HAT, ("park",))
    house.work(person)
    person.press("同意，发过去")
    house.work(person)
    person.say("给她戴一条蓝色的围巾")
    assert "改好了" in house.work(person)
    assert house.requests == 2
    person.say(HAT, ("beach",))
    assert CARD in house.work(person)
    assert house.requests == 2


@pytest.mark.parametrize("answer", ["(不发，用本机的方法)", "不发", "不同意", "不发，用本机的方法"])
def test_after_a_refusal_the_order_is_done_here_and_no_request_ever_comes(house: House, answer: str) -> None:
    person = Person(house.store)
    person.say(HAT, ("park",))
    house.work(person)
    if answer.startswith("("):
        person.press(answer[1:-1])
    else:
        person.say(answer)
    assert "改好了" in house.work(person)
    assert house.engine(person) == "local"
    person.press(replies.STRONGER)
    assert "改好了" in house.work(person)
    person.press(replies.AGAIN)
    assert "改好了" in house.work(person)
    assert house.requests == 0
    told = chats.consent(house.store, person.user, f"away:{house.host}")
    assert told is not None
    assert not told.given


def test_never_and_always_ask_no_more_until_taken_back(house: House) -> None:
    person = Person(house.store)
    person.say(HAT, ("park",))
    house.work(person)
    person.press("以后都不发，不再问")
    assert "改好了" in house.work(person)
    person.say(HAT, ("beach",))
    assert "改好了" in house.work(person)
    assert house.requests == 0
    assert replies.SENDS_ALL in person.say("照片可以发出去")[-1].text
    person.say(HAT, ("hill",))
    assert "改好了" in house.work(person)
    assert house.requests == 1
    shown = person.say("我的设置")[-1]
    assert f"发照片到 {house.host}：需要时直接发，不再问" in shown.text
    person.press(replies.UNSEND)
    person.say(HAT, ("sea",))
    assert CARD in house.work(person)
    assert house.requests == 1


@pytest.mark.parametrize(
    "sentence",
    ["照片别发出去", "以后别把我的照片发到外面", "以后先问我", "不要再把照片传到服务器", "别再发照片出去"],
)
def test_taken_back_in_words(house: House, sentence: str) -> None:
    person = Person(house.store)
    person.say(HAT, ("park",))
    house.work(person)
    person.press("以后都发，不再问")
    house.work(person)
    assert replies.ASKS_FIRST in person.say(sentence)[-1].text
    assert departures.said(house.store, person.user) == {}


def test_an_order_that_waits_is_not_sent_once_it_is_taken_back(house: House) -> None:
    person = Person(house.store)
    person.say(HAT, ("park",))
    house.work(person)
    person.press("同意，发过去")
    person.say("照片别发出去")
    assert CARD in house.work(person)
    assert house.requests == 0


def test_what_this_machine_does_first_asks_nobody(house: House) -> None:
    person = Person(house.store)
    person.say("改成水墨画", ("park",))
    assert "改好了" in house.work(person)
    assert house.engine(person) == "local"


def test_a_named_method_that_would_send_is_asked_about_and_let_go_on_refusal(house: House) -> None:
    person = Person(house.store)
    person.say(f"用服务器上的 {MODEL} 改成水墨画", ("park",))
    assert CARD in house.work(person)
    person.press("不发，用本机的方法")
    assert "改好了" in house.work(person)
    assert house.engine(person) == "local"
    person.say("照片可以发出去")
    person.say(f"用服务器上的 {MODEL} 试试")
    assert "改好了" in house.work(person)
    assert house.engine(person) == "server"


def test_what_only_the_server_can_do_is_said_plainly_after_a_refusal(house: House) -> None:
    person = Person(house.store)
    person.say("加一个红色的气球", ("park",))
    assert CARD in house.work(person)
    person.press("不发，用本机的方法")
    assert "照片没有发出去" in house.work(person)
    assert house.requests == 0


def test_steps_that_waited_come_along_once_it_is_agreed(house: House) -> None:
    person = Person(house.store)
    person.say(f"{HAT}，再改成水墨画", ("park",))
    assert CARD in house.work(person)
    person.press("同意，发过去")
    assert house.work(person).count("改好了") == 2


def test_who_was_taught_is_named_on_the_card_as_pictures_and_who_was_lent_stays(house: House) -> None:
    """References go with the order. Somebody else's go only if they, too, have said so."""
    owner, friend = Person(house.store, "甲", "group"), Person(house.store, "乙", "group")
    for name in ("z1", "z2", "z3"):
        owner.say("", (name,))
    shas = [owner.sent[name] for name in ("z1", "z2", "z3")]
    known = concepts.create(house.store, owner.user, "阿紫", "person", shas)
    concepts.learnt(house.store, known.id, concepts.Artefact("server", "references", bytes([0, 1])), {})
    owner.say("把阿紫加到左边", ("park",))
    assert CARD in house.work(owner)
    assert "这张照片（或要改的那一块）和 3 张参考照片" in owner.heard[-1].text
    concepts.share(house.store, known.id, owner.user, owner.chat)
    friend.say("把阿紫加到左边", ("beach",))
    assert "照片没有发出去" in house.work(friend)
    departures.always(house.store, owner.user, house.host, True, "好", "1")
    friend.say("把阿紫加到左边")
    assert CARD in house.work(friend)
    assert house.requests == 0


def test_in_a_group_only_who_ordered_may_answer(house: House) -> None:
    owner, friend = Person(house.store, "甲", "group"), Person(house.store, "乙", "group")
    owner.say(HAT, ("park",))
    house.work(owner)
    (button, *_) = owner.heard[-1].buttons
    friend.say(button.label, action=button.action)
    house.work(friend)
    assert house.requests == 0


def test_kept_exported_and_gone(house: House, tmp_path: Path) -> None:
    person = Person(house.store)
    person.say(HAT, ("park",))
    house.work(person)
    person.press("同意，发过去")
    house.work(person)
    with zipfile.ZipFile(retention.export(house.store, person.user, tmp_path / "me.zip")) as archive:
        told = json.loads(archive.read("everything.json"))
    assert {one["host"] for one in told["departures"]} == {house.host}
    assert told["consents"][0]["what"] == f"away:{house.host}"
    retention.forget(house.store, person.user)
    assert departures.said(house.store, person.user) == {}
    person.say(HAT, ("park",))
    assert CARD in house.work(person)
    assert house.requests == 1


def test_a_request_knows_no_way_around(house: House) -> None:
    """Whoever queues a job without the chat sends nothing, either."""
    person = Person(house.store)
    person.say("", ("park",))
    person.say(HAT)
    (job,) = jobs.open_of(house.store, person.user)
    assert isinstance(job.request, EditRequest)
    assert departures.may(house.store, person.user, house.host, job.request) is None
    house.work(person)
    assert house.requests == 0


def test_before_a_worker_has_said_what_it_can_the_configured_servers_count(tmp_path: Path) -> None:
    """Else the page would say for a minute that nothing leaves."""
    far = EngineSettings(kind="server", name="far", address="http://far.example/v1", model=MODEL)
    with storage.open(tmp_path / "data", Settings(engines=(far,))) as store:
        assert departures.outside(store) == ("http://far.example/v1",)
    with storage.open(tmp_path / "other") as store:
        assert departures.outside(store) == ()
