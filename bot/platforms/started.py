"""「开始做了」, said once of a job that takes a while, where a platform can show no progress."""

import asyncio

from bot import learning, promises, replies
from storage import Storage, jobs, outbox

LOOK_SECONDS = 1.0
AFTER_SECONDS = 4.0  # what is done sooner speaks for itself


async def run(store: Storage, platform: str) -> None:
    """Say it of every job of a platform until cancelled."""
    while True:
        await asyncio.to_thread(say, store, platform)
        await asyncio.sleep(LOOK_SECONDS)


def say(store: Storage, platform: str) -> None:
    """Say it of those that have waited long enough, once each."""
    for job in jobs.open_on(store, platform):
        if job.after is None and store.now() - job.created_at >= AFTER_SECONDS:
            place, seconds = promises.position(store, job)
            line = replies.status_line(learning.describe(store, job), place, job.progress, seconds)
            data = {"started": job.id}
            outbox.send(store, key=f"started:{job.id}", chat=job.chat, user=job.owner, text=line, data=data)
