"""Who may call: HMAC-SHA256 over time, nonce, path and body, with a secret that both sides know.

X-Heying-Time   seconds since 1970, at most WINDOW away from our clock
X-Heying-Nonce  16 to 64 letters and digits, each used once
X-Heying-Sign   hex HMAC-SHA256(secret, "<time>\\n<nonce>\\n<path>\\n" + body)
"""

import hashlib
import hmac
import re
import secrets
import time
from collections.abc import Callable, Mapping
from http import HTTPStatus

WINDOW = 300.0  # seconds
TIME, NONCE, SIGN = "X-Heying-Time", "X-Heying-Nonce", "X-Heying-Sign"
REFUSALS = {
    "unsigned": f"缺少签名。每个请求都要带 {TIME}、{NONCE} 和 {SIGN}，写法见 docs/http.md。",
    "stale": "时间差得太多（超过 5 分钟）。请校准两台机器的时钟，再签一次。",
    "forged": "签名不对。请检查两边的密钥是否相同，签名的内容是否和发送的字节一模一样。",
    "replayed": "这个请求已经来过一次。每次请求都要换一个新的 nonce。",
}


class Refused(Exception):
    """A call that is not let in; str() is one of REFUSALS."""

    status = HTTPStatus.UNAUTHORIZED


def signed(secret: str, path: str, body: bytes, clock: Callable[[], float] = time.time) -> dict[str, str]:
    """The headers of a call."""
    at, nonce = str(int(clock())), secrets.token_hex(16)
    return {TIME: at, NONCE: nonce, SIGN: _sign(secret, at, nonce, path, body)}


class Guard:
    """Lets calls in once each. Nonces are remembered for as long as their time is good."""

    def __init__(self, secret: str, clock: Callable[[], float] = time.time) -> None:
        self.secret, self.clock = secret, clock
        self.seen: dict[str, float] = {}  # in the order of arrival

    def timely(self, headers: Mapping[str, str]) -> None:
        """Before the body is read: whether there is a signature worth checking. Raises Refused."""
        at, nonce, sign = (headers.get(name, "") for name in (TIME, NONCE, SIGN))
        if not (re.fullmatch(r"\d{1,12}", at) and re.fullmatch(r"[A-Za-z0-9]{16,64}", nonce) and sign):
            raise Refused("unsigned")
        if abs(self.clock() - int(at)) > WINDOW:
            raise Refused("stale")

    def admit(self, headers: Mapping[str, str], path: str, body: bytes) -> None:
        """Whether this very call is let in. Raises Refused."""
        self.timely(headers)
        at, nonce = headers.get(TIME, ""), headers.get(NONCE, "")
        if not hmac.compare_digest(_sign(self.secret, at, nonce, path, body), headers.get(SIGN, "").lower()):
            raise Refused("forged")
        now = self.clock()
        while self.seen and next(iter(self.seen.values())) < now - 2 * WINDOW:
            del self.seen[next(iter(self.seen))]
        if nonce in self.seen:
            raise Refused("replayed")
        self.seen[nonce] = now


def _sign(secret: str, at: str, nonce: str, path: str, body: bytes) -> str:
    return hmac.new(secret.encode(), f"{at}\n{nonce}\n{path}\n".encode() + body, hashlib.sha256).hexdigest()
