"""Buttons that answer a question: pressed once, and dead when the question is answered in any way."""

from collections.abc import Sequence
from dataclasses import dataclass

from nicegui import ui

from bot import dialogue
from bot.platforms import Button
from storage import Storage, chats, jobs

OF_JOBS = ("choose", "offer", "send")  # what a worker asks back; its answer is a job whose key ends with ANSWERED
ANSWERED = ":chosen"


@dataclass(frozen=True, slots=True)
class Group:
    """The buttons of one message, and the job that asks."""

    job: int | None
    chips: dict[str, ui.element]

    @property
    def waits(self) -> frozenset[str]:
        """The questions that may be open while these buttons live; empty when a job asks."""
        known = (dialogue.QUESTION_BUTTONS.get(action.partition(":")[0], ((),))[0] for action in self.chips)
        return frozenset(ask for asks in known for ask in asks)


class Questions:
    """All questions of one page that are still open."""

    def __init__(self, store: Storage, chat: str, user: str) -> None:
        self.store, self.chat, self.user = store, chat, user
        self.open: list[Group] = []

    def add(self, job: int | None, buttons: Sequence[Button], chips: Sequence[ui.element]) -> None:
        """Buttons that have been drawn; those that ask nothing live on."""
        asking = {button.action: chip for button, chip in zip(buttons, chips, strict=True) if asks(button.action)}
        if asking:
            self.open.append(Group(job, asking))

    def pressed(self, action: str) -> None:
        """The user has pressed something: the newest question that offers it is answered."""
        for group in reversed(self.open):
            if action in group.chips:
                return self._close(group, action)
        return None

    def asks(self, action: str) -> bool:
        """Whether an open question offers this answer."""
        return any(action in group.chips for group in self.open)

    def look(self) -> None:
        """Close what has been answered by words, or pushed aside by a newer question."""
        if not self.open:
            return
        asked = (chats.question(self.store, self.chat, self.user) or {}).get("ask", "")
        last = jobs.of_chat(self.store, self.chat, self.user, limit=5)
        chosen = [job.id for job in last if job.key.endswith(ANSWERED)]
        newest = next((group for group in reversed(self.open) if group.waits), None)
        for group in list(self.open):
            if group.waits:
                done = asked not in group.waits or group is not newest
            else:
                done = group.job is not None and any(id > group.job for id in chosen)
            if done:
                self._close(group)

    def forget(self) -> None:
        """The log is drawn anew."""
        self.open.clear()

    def _close(self, group: Group, action: str = "") -> None:
        self.open.remove(group)
        for name, chip in group.chips.items():
            chip.props["disabled"] = True
            if name == action:
                chip.classes("chosen")
            chip.update()


def asks(action: str) -> bool:
    """Whether a button answers a question, so that it can be pressed once."""
    name = action.partition(":")[0]
    return name in OF_JOBS or name in dialogue.QUESTION_BUTTONS
