"""The edits of the photo under discussion as a strip of small pictures: press one to go back to it, or forth again. What
was made another time from the same picture stands beside it, smaller: a branch to change over to."""

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
        self.drawn: object = None
        self.strip = box("hy-steps", tag="nav", aria_label=words.STEPS)

    def look(self) -> None:
        """Draw it anew when it has changed."""
        here = chats.under_discussion(self.store, self.chat, self.user)
        every = chats.history(self.store, self.chat, self.user)
        seen = (tuple(entry.id for entry in every), here and here.id)
        if seen == self.drawn:
            return
        self.drawn = seen
        line = chats.line(self.store, self.chat, self.user)
        self.strip.clear()
        self.strip.set_visibility(len(line) > 1)
        if here is None or len(line) < 2:
            return
        at = [entry.id for entry in line].index(here.id)
        with self.strip:
            back = round_button("undo", words.UNDO, lambda: self.say(words.UNDO, "undo"))
            forth = round_button("redo", words.REDO, lambda: self.say(words.REDO, "redo"))
            back.props["disabled"], forth.props["disabled"] = at == 0, at == len(line) - 1
            with box("hy-chain", tag="ol"):
                for index, entry in enumerate(line):
                    beside = [one for one in every if index and one.parent == entry.parent and one.id != entry.id]
                    with box("", tag="li"):
                        self._step(
                            entry, words.step(index, description(entry)), here.id, "undone" if index > at else ""
                        )
                        if beside:
                            with box("hy-fork"):
                                for one in beside:
                                    self._step(one, words.branch(description(one)), here.id, "beside")

    def _step(self, entry: Entry, read: str, here: int, look: str) -> None:
        step = box(f"hy-step {look}", tag="button", type="button", title=description(entry), aria_label=read)
        if entry.id == here:
            step.props["aria-current"] = "step"
        said = words.back_to(entry.request is not None, description(entry))
        step.on("click", lambda: self.say(said, f"back:{entry.id}"), **ONCE)
        with step:
            box("", tag="img", src=f"/photo/{entry.photo}?thumb", alt="")


def description(entry: Entry) -> str:
    """What made a picture, in a few words."""
    return replies.describe_request(entry.request) if entry.request else words.ORIGINAL
