"""Delivery: each message once, again when the platform fails, in the words of its job."""

import asyncio
from dataclasses import dataclass, field

import pytest

from bot import outbox as delivery
from bot import replies
from bot.platforms import Button, Later, Outgoing, Parts
from storage import Storage, jobs, outbox, photos
from tests.bot.talking import Person, picture


@dataclass
class Flaky:
    """A platform whose first sends fail."""

    failures: int = 0
    sent: list[Outgoing] = field(default_factory=list)
    name: str = "test"
    fetch: None = None

    async def run(self) -> None:
        await asyncio.Event().wait()

    async def send(self, message: Outgoing, parts: Parts) -> None:
        if self.failures:
            self.failures -= 1
            raise Later(0.01, "out of reach") if self.failures % 2 else ConnectionError
        self.sent.append(message)


async def deliver(store: Storage, platform: Flaky, count: int) -> None:
    """Run the delivery until ``count`` messages are through."""
    running = asyncio.create_task(delivery.run(store, platform, "me"))
    for _ in range(400):
        await asyncio.sleep(0.02)
        if len(platform.sent) >= count:
            break
    await asyncio.sleep(0.1)
    running.cancel()


async def test_what_fails_is_sent_again_and_what_is_through_is_not(
    store: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "RETRY_SECONDS", 0.01)
    for number in range(3):
        outbox.send(store, key=f"k{number}", chat="test:a", user="test:a", text=str(number))
    platform = Flaky(failures=2)
    await deliver(store, platform, 3)
    assert [message.text for message in platform.sent] == ["0", "1", "2"]
    again = Flaky()
    await deliver(store, again, 1)
    assert not again.sent


async def test_other_platforms_messages_are_left_alone(store: Storage) -> None:
    outbox.send(store, key="k", chat="web:a", user="web:a", text="hello")
    platform = Flaky()
    await deliver(store, platform, 1)
    assert not platform.sent


def test_a_result_whose_job_has_expired_still_shows_its_picture(store: Storage) -> None:
    person = Person(store)
    photo = photos.put(store, picture("cat"), person.user).sha256
    outbox.send(store, key="k", chat=person.chat, user=person.user, text="好了", photos=[photo], kind="result", job=999)
    (out,) = person.listen()
    assert (out.text, out.images, out.buttons) == ("好了", (photo,), ())


def test_the_buttons_of_a_result(store: Storage) -> None:
    person = Person(store)
    person.say("把猫换成狗", ("cat",))
    (out,) = person.work()
    (job,) = jobs.of_chat(store, person.chat)
    labels = [(button.label, button.action) for button in out.buttons]
    assert labels == [
        (replies.STRONGER, f"stronger:{job.id}"),
        (replies.WEAKER, f"weaker:{job.id}"),
        (replies.AGAIN, f"again:{job.id}"),
        (replies.SEVERAL, f"several:{job.id}"),
        (replies.UNDO, f"undo:{job.id}"),
    ]


def test_an_action_fits_into_telegrams_callback_data() -> None:
    with pytest.raises(ValueError, match="64 bytes"):
        Button("x", "x" * 65)
    with pytest.raises(ValueError, match="64 bytes"):
        Button("x", "")


def test_a_message_of_nothing_is_never_shown(store: Storage) -> None:
    """Whatever went wrong before: somebody waits for an answer."""
    person = Person(store)
    outbox.send(store, key="nothing", chat=person.chat, user=person.user)
    assert person.listen()[-1].text == replies.BROKEN


def test_a_result_without_a_picture_is_not_called_done(store: Storage) -> None:
    person = Person(store)
    person.say("改成水墨画", sent=("photo",))
    job = jobs.claim(store, "w", ["edit"])
    assert job is not None
    jobs.finish(store, job, jobs.Result())
    assert person.listen()[-1].text == replies.BROKEN
