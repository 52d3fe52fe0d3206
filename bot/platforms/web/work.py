"""The card of work under way: what, how far, how much longer, and a button to call it off."""

import time
from collections.abc import Callable

from bot import promises, replies
from bot.platforms.web import words
from bot.platforms.web.elements import ONCE, box, text
from bot.waking import waking
from storage import Storage
from storage.jobs import Job
from storage.requests import photos_of

TOLD_EVERY = 15.0  # seconds between what a screen reader is told; the eye sees every change


class Work:
    """The card of a job that is not done yet, with the (first) photo that it is about."""

    def __init__(self, what: str, job: Job, say: Callable[[str, str], object]) -> None:
        photo = next(iter(photos_of(job.request)), "")
        self.what, self.told_at, self.told_stage = what, 0.0, ""
        with box("hy-row") as self.card:
            box("hy-face", tag="img", src="/look/face.svg", alt="")
            with box("hy-stack"), box("hy-card hy-work"):
                if photo:
                    box("hy-of", tag="img", src=f"/photo/{photo}?thumb", alt="")
                with box("hy-line"):
                    text("b", what)
                    self.left = text("span", "", "hy-left")
                attributes = {"role": "progressbar", "aria_label": what, "aria_valuemin": "0", "aria_valuemax": "100"}
                self.bar = box("hy-bar waiting", **attributes)
                with self.bar:
                    self.fill = box("", tag="i")
                with box("hy-line"):
                    self.stage = text("span", "", "hy-left")
                    cancel = text("button", words.CANCEL, "hy-small", type="button")
                    cancel.props["aria-label"] = f"{words.CANCEL}：{what}"
                    cancel.on("click", lambda: say(replies.CANCEL, f"cancel:{job.id}"), **ONCE)
                self.status = text("span", "", "hy-hidden", role="status")

    def show(self, store: Storage, job: Job) -> None:
        """Bring the card up to date."""
        place, seconds = promises.position(store, job)
        progress = job.progress
        stage = words.stage(place, progress, waking(store, job))
        left = words.time_left(seconds) if seconds is not None else ""
        self.stage.set_text(stage)
        self.left.set_text(left)
        share = progress.done / progress.total if place == 0 and progress and progress.total else None
        self.bar.classes(add="waiting" if share is None else None, remove="waiting" if share is not None else None)
        self.fill.style(f"width: {100 * (share or 0):.0f}%")
        if share is not None:
            self.bar.props["aria-valuenow"] = f"{100 * share:.0f}"
            self.bar.props["aria-valuetext"] = f"{stage}，{left}" if left else stage
            self.bar.update()
        if stage != self.told_stage and time.monotonic() - self.told_at > TOLD_EVERY:
            self.told_stage, self.told_at = stage, time.monotonic()
            self.status.set_text(f"{self.what}：{stage}，{left}" if left else f"{self.what}：{stage}")
