"""One turn of a conversation: what was said, and the answers to it."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from bot.platforms import Button, Incoming
from storage import Storage, outbox


@dataclass(slots=True)
class Talk:
    """A message being answered. ``key`` makes its answers the same answers when it is handled a second time."""

    store: Storage
    told: Incoming
    key: str
    said: int = 0

    @property
    def chat(self) -> str:
        """Where: "<platform>:<chat>"."""
        return self.told.chat

    @property
    def user(self) -> str:
        """Who: "<platform>:<user>"."""
        return self.told.user

    def say(self, text: str, *, photos: Sequence[str] = (), buttons: Sequence[Button] = ()) -> None:
        """Answer; the answer is delivered once the message counts as handled."""
        outbox.send(
            self.store,
            key=f"{self.key}:{self.said}",
            chat=self.chat,
            user=self.user,
            text=text,
            photos=photos,
            data={"buttons": [asdict(button) for button in buttons]} if buttons else None,
        )
        self.said += 1


def saying(*sentences: str) -> tuple[Button, ...]:
    """Buttons that say a sentence in the user's place."""
    return tuple(Button(sentence, "say") for sentence in sentences)
