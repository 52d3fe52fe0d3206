"""How often we may speak: about one message a second in a chat and 20 a minute in a group, 30 a second in all
(https://core.telegram.org/bots/faq, "My bot is hitting limits"), with short bursts, which Telegram allows.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.platforms.telegram.updates import is_group

ALL, CHAT, GROUP = (30.0, 30.0), (1.0, 6.0), (20 / 60, 4.0)  # messages a second, and how many at once
IDLE = 600.0  # seconds after which a chat is forgotten


@dataclass(slots=True)
class _Bucket:
    rate: float
    room: float
    left: float
    at: float

    def wait(self, now: float) -> float:
        """Seconds until one more message may go out."""
        self.left = min(self.room, self.left + max(0.0, now - self.at) * self.rate)
        self.at = max(self.at, now)
        return max(0.0, (1 - self.left) / self.rate, self.at - now)


@dataclass(slots=True)
class Pace:
    """The buckets of all chats; forgotten at a restart, when Telegram's own word (retry_after) counts."""

    now: Callable[[], float] = time.monotonic
    _buckets: dict[str, _Bucket] = field(default_factory=dict)

    def wait(self, chat: str) -> float:
        """Seconds until a message may go to a chat: 0 counts it as gone."""
        now = self.now()
        buckets = (self._bucket("", ALL, now), self._bucket(chat, GROUP if is_group(chat) else CHAT, now))
        longest = max(bucket.wait(now) for bucket in buckets)
        if longest == 0:
            for bucket in buckets:
                bucket.left -= 1
        return longest

    def block(self, chat: str, seconds: float) -> None:
        """Telegram says: nothing to this chat for so long."""
        now = self.now()
        bucket = self._bucket(chat, GROUP if is_group(chat) else CHAT, now)
        bucket.left, bucket.at = 1.0, now + seconds

    def _bucket(self, chat: str, limit: tuple[float, float], now: float) -> _Bucket:
        if chat not in self._buckets:
            if len(self._buckets) > 1000:
                self._buckets = {name: bucket for name, bucket in self._buckets.items() if now - bucket.at < IDLE}
            self._buckets[chat] = _Bucket(*limit, left=limit[1], at=now)
        return self._buckets[chat]
