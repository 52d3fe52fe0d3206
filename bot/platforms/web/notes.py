"""A note of the system's when a long job is done and nobody looks at the page. Only for those who switched it on: the
browser asks them as well, and whether the page is hidden it alone knows (look/notes.js). Nothing leaves the machine; a
page that is closed, or that the phone has put to sleep, says nothing."""

import json

from nicegui import ui

from bot import replies
from bot.platforms.web import words
from storage import Storage, chats, jobs, outbox

LONG = 10.0  # seconds that a job took
LOOK_SECONDS = 1.0
WANTED = "notify"  # the preference


class Notes:
    """What has been done since a page was opened, whichever chat it was asked in."""

    def __init__(self, store: Storage, user: str) -> None:
        self.store, self.user = store, user
        self.last = outbox.newest(store, user)
        ui.timer(LOOK_SECONDS, self.look)

    def look(self) -> None:
        """Say what is new."""
        if not wanted(self.store, self.user):
            self.last = 0
            return
        self.last = self.last or outbox.newest(self.store, self.user)
        for message in outbox.of_user(self.store, self.user, after=self.last):
            self.last = message.id
            if message.author == "bot" and message.job is not None:
                job = jobs.get(self.store, message.job)
                if message.at - job.created_at >= LONG:
                    note = {"id": message.id, "title": words.TITLE, "body": message.text or replies.done(job.request)}
                    ui.run_javascript(f"heying.note({json.dumps(note)})")


def wanted(store: Storage, user: str) -> bool:
    """Whether somebody wants notes."""
    return bool(chats.preference(store, user, WANTED, False))
