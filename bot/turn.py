"""One turn of a conversation: what was said, and the answers to it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from bot import replies
from bot.edit_options import EditOptions
from bot.language.album import Album
from bot.language.reader import Reading
from bot.platforms import Button, Incoming
from storage import Storage, concepts, outbox
from storage.concepts import Concept
from storage.plans import Plan
from storage.regions import Region


@dataclass(slots=True)
class Turn:
    """A message being answered. ``key`` makes its answers the same answers when it is handled a second time; ``options``
    is how its order is to be carried out; ``heard`` is what the language endpoint made of it (bot/endpoint.py);
    ``doubted`` is an edit that it may have meant (bot/confirmation.py); ``weighed``: only the learnt reader says what it
    means, so that it may be an answer (bot/language/reader.py); ``sentence`` is what was said of the order, ``reading`` what the
    reader made of it; ``points`` are the places that were tapped for it,
    ``regions`` the parts of the photo that were drawn; ``album`` is what it says of several photos sent with it."""

    store: Storage
    incoming: Incoming
    key: str
    said: int = 0
    options: EditOptions = field(default_factory=EditOptions)
    heard: Plan | None = None
    doubted: Plan | None = None
    weighed: bool = False
    sentence: str = ""
    reading: Reading | None = None
    points: tuple[tuple[float, float], ...] = ()
    regions: tuple[Region, ...] = ()
    album: Album = field(default_factory=Album)

    def __post_init__(self) -> None:
        self.points = self.points or self.incoming.points
        self.regions = self.regions or self.incoming.regions

    @property
    def pointed(self) -> bool:
        """Whether something in the photo was tapped or drawn around."""
        return bool(self.points or self.regions)

    @property
    def chat(self) -> str:
        """Where: "<platform>:<chat>"."""
        return self.incoming.chat

    @property
    def user(self) -> str:
        """Who: "<platform>:<user>"."""
        return self.incoming.user

    def say(
        self,
        text: str,
        *,
        photos: Sequence[str] = (),
        buttons: Sequence[Button] = (),
        data: Mapping[str, Any] | None = None,
        hold: float = 0.0,
    ) -> None:
        """Answer; the answer is delivered once the message counts as handled, ``hold`` seconds later unless something
        else is said before. ``data``: further fields of Outgoing."""
        outbox.send(
            self.store,
            key=f"{self.key}:{self.said}",
            chat=self.chat,
            user=self.user,
            text=text,
            photos=photos,
            data={**({"buttons": [asdict(button) for button in buttons]} if buttons else {}), **(data or {})},
            hold=hold,
        )
        self.said += 1


def with_whom(known: Iterable[Concept]) -> tuple[Button, ...]:
    """Buttons that put who, or the style that, was taught into the photo; they are gone when whoever it is has been forgotten."""
    return tuple(Button(replies.idea_with(concept.name, concept.kind), f"with:{concept.id}") for concept in known)


def still_good(store: Storage, button: Button, user: str, chat: str) -> bool:
    """Whether a button may still be shown: nobody who was forgotten is offered."""
    what, _, id = button.action.partition(":")
    return what != "with" or concepts.usable(store, int(id), user, chat)


def saying(*sentences: str) -> tuple[Button, ...]:
    """Buttons that say a sentence in the user's place."""
    return tuple(Button(sentence, "say") for sentence in sentences)
