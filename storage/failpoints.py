"""Places where a test may end the process: just before and just after each commit that matters.

Off unless the environment variable names one: ``HEYING_FAILPOINT=finish`` kills the process by SIGKILL the first time that
place is reached, ``finish:3`` the third time, ``finish@commit`` right after the commit instead of right before. The places:
inbox, enqueue, claim, progress, finish, outbox.
"""

import os
import signal

PLACES = ("inbox", "enqueue", "claim", "progress", "finish", "outbox")
_name, _left, _pending = "", 0, False


def arm(armed: str) -> None:
    """Set what is to happen; "" for nothing."""
    global _name, _left, _pending
    _name, _, count = armed.partition(":")
    _left, _pending = int(count or 1), False


def reach(place: str) -> None:
    """The last statement before a commit of that kind. Nothing, but for a test."""
    global _left, _pending
    if not _name:
        return
    if place == _name.partition("@")[0]:
        _left -= 1
        if _left == 0:
            if _name.endswith("@commit"):
                _pending = True
            else:
                _die()


def committed() -> None:
    """A transaction is through."""
    if _pending:
        _die()


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


arm(os.environ.get("HEYING_FAILPOINT", ""))
