"""The edits of the photo under discussion as a strip of small pictures: press one to go back to it, or forth again."""

from collections.abc import Callable

from bot import replies
from bot.platforms.web import words
from bot.platforms.web.elements import ONCE, box, round_button
from storage import Storage, chats
from storage.chats import Entry

Say = Callable[[str, str], object]


class History:
    """The strip of one conversation; empty until something was edited."""

    def __init__(self, store: Storage, user: str, chat: str, say: Say) -> None:
        self.store, self.user, self.chat, self.say = store, user, chat, say
        self.drawn: tuple[tuple[int, ...], int | None] = ((), None)
        self.strip = box("hy-steps", tag="nav", aria_label=words.STEPS)

    def look(self) -> None:
        """Draw it anew when it has changed."""
        here = chats.under_discussion(self.store, self.chat, self.user)
        chain = chain_of(chats.history(self.store, self.chat, self.user), here)
        seen = (tuple(entry.id for entry in chain), here.id if here else None)
        if seen == self.drawn:
            return
        self.drawn = seen
        self.strip.clear()
        self.strip.set_visibility(len(chain) > 1)
        if here is None or len(chain) < 2:
            return
        with self.strip:
            back = round_button("undo", words.UNDO, lambda: self.say(words.UNDO, "undo"))
            forth = round_button("redo", words.REDO, lambda: self.say(words.REDO, "redo"))
            back.props["disabled"], forth.props["disabled"] = here.id == chain[0].id, here.id == chain[-1].id
            with box("hy-chain", tag="ol"):
                for index, entry in enumerate(chain):
                    with box("", tag="li"):
                        self._step(index, entry, here)

    def _step(self, index: int, entry: Entry, here: Entry) -> None:
        what = replies.describe_request(entry.request) if entry.request else words.ORIGINAL
        step = box("hy-step", tag="button", type="button", title=what, aria_label=words.step(index, what))
        if entry.id == here.id:
            step.props["aria-current"] = "step"
        elif entry.id > here.id:
            step.classes("undone")
        step.on("click", lambda: self.say(words.back_to(index, what), f"back:{entry.id}"), **ONCE)
        with step:
            box("", tag="img", src=f"/photo/{entry.photo}?thumb", alt="")


def chain_of(history: tuple[Entry, ...], here: Entry | None) -> tuple[Entry, ...]:
    """The photo that was sent, and what was made of it, around ``here``."""
    if here is None:
        return ()
    places = [place for place, entry in enumerate(history) if entry.request is None and entry.id <= here.id]
    start = places[-1] if places else 0
    ends = [place for place, entry in enumerate(history) if entry.request is None and place > start]
    return history[start : ends[0] if ends else None]
