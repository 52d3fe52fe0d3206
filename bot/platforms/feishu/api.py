"""飞书's HTTP interface: https://open.feishu.cn/document/server-docs/api-call-guide/calling-process/overview

Errors come as a code in the body, whatever the status says. Free tenants have a monthly number of calls, so nothing is
asked that an event has told already.
"""

import asyncio
import time
from collections.abc import Mapping
from typing import Any

import httpx
import structlog

from bot.platforms import Later, Never

CALL_SECONDS = 30.0
NETWORK_SECONDS, BROKEN_SECONDS, MISSET_SECONDS = 2.0, 10.0, 60.0
LONGEST_WAIT = 600.0  # seconds that we let ourselves be told to wait
SPARE_SECONDS = 600.0  # that a token is renewed before it ends
TOKEN_PATH = "/open-apis/auth/v3/tenant_access_token/internal"

LIMITED = {99991400, 230020, 11232}  # too often; docs say 429, older interfaces 400
STALE = {99991661, 99991663, 99991664, 99991665, 99991668}  # the token is not valid (any more)
NOBODY = {230002, 230013, 232009}  # we are not in that group, may not talk to that person, the group is gone
MISSET = {99991403, 99991672, 230006, 230027}  # no calls left this month, no permission, no bot: for whoever runs this
GONE = {230011, 230110}  # the message was taken back, or deleted
UNKNOWN_APP = "app_id or secret is wrong"

log = structlog.get_logger()


class Refused(Exception):
    """飞书 does not do what was asked."""

    def __init__(self, code: int, why: str) -> None:
        super().__init__(f"{code}: {why}"[:300])
        self.code = code


class Api:
    """The calls of one app. Every method raises Later, Never and Refused."""

    def __init__(self, domain: str, app_id: str, secret: str) -> None:
        self.domain, self.app_id, self._secret = domain.rstrip("/"), app_id, secret
        self.http = httpx.AsyncClient(timeout=CALL_SECONDS)
        self._token, self._until = "", 0.0
        self._renewing = asyncio.Lock()

    async def endpoint(self) -> tuple[str, Mapping[str, Any]]:
        """Where the long connection is opened, and how it is to be kept."""
        body = {"AppID": self.app_id, "AppSecret": self._secret}
        reply = await self._post("/callback/ws/endpoint", body, {"locale": "zh"})
        if reply.get("code") != 0:
            raise Later(MISSET_SECONDS, f"no long connection: {reply.get('code')} {reply.get('msg')}"[:200])
        data = reply.get("data") or {}
        return str(data.get("URL", "")), data.get("ClientConfig") or {}

    async def call(self, method: str, path: str, **more: Any) -> dict[str, Any]:
        """Call an interface (``more``: of httpx); what it answers as data."""
        for last in (False, True):
            answer = await self._request(method, path, **more)
            data = _object(answer)
            if data.get("code") not in STALE or last:
                return _data(answer, data)
            self._token = ""
        raise AssertionError

    async def download(self, path: str, most: int, **params: str) -> bytes | None:
        """A file; None when it is larger than ``most`` bytes."""
        for last in (False, True):
            try:
                async with self.http.stream(
                    "GET", self.domain + path, params=params, headers=await self._authorization()
                ) as answer:
                    if "application/json" not in answer.headers.get("content-type", ""):
                        answer.raise_for_status()
                        return await _at_most(answer, most)
                    await answer.aread()
            except httpx.HTTPError as error:
                raise Later(NETWORK_SECONDS, type(error).__name__) from None
            data = _object(answer)
            if data.get("code") not in STALE or last:
                _data(answer, data)
                raise Refused(0, "no file")
            self._token = ""
        raise AssertionError

    async def get(self, url: str, most: int) -> bytes | None:
        """What lies at an address that 飞书 has told, as anybody sees it; None when it is larger than ``most`` bytes."""
        try:
            async with self.http.stream("GET", url) as answer:
                answer.raise_for_status()
                return await _at_most(answer, most)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise Later(NETWORK_SECONDS, type(error).__name__) from None

    async def close(self) -> None:
        """Hang up."""
        await self.http.aclose()

    async def _request(self, method: str, path: str, **more: Any) -> httpx.Response:
        try:
            return await self.http.request(method, self.domain + path, headers=await self._authorization(), **more)
        except httpx.HTTPError as error:
            raise Later(NETWORK_SECONDS, type(error).__name__) from None

    async def _authorization(self) -> dict[str, str]:
        async with self._renewing:
            if not self._token or time.monotonic() >= self._until:
                reply = await self._post(TOKEN_PATH, {"app_id": self.app_id, "app_secret": self._secret}, {})
                if reply.get("code") != 0:
                    log.error("feishu refuses the app", code=reply.get("code"), why=reply.get("msg"))
                    raise Later(MISSET_SECONDS, UNKNOWN_APP)
                self._token = str(reply["tenant_access_token"])
                self._until = time.monotonic() + max(1.0, float(reply["expire"]) - SPARE_SECONDS)
            return {"Authorization": f"Bearer {self._token}"}

    async def _post(self, path: str, body: Mapping[str, str], headers: Mapping[str, str]) -> dict[str, Any]:
        """A call that needs no token."""
        try:
            answer = await self.http.post(self.domain + path, json=dict(body), headers=dict(headers))
        except httpx.HTTPError as error:
            raise Later(NETWORK_SECONDS, type(error).__name__) from None
        data = _object(answer)
        if answer.status_code == 429 or data.get("code") in LIMITED:
            raise Later(_wait(answer), "too often")
        if answer.status_code >= 500 or not data:
            raise Later(BROKEN_SECONDS, f"HTTP {answer.status_code}")
        return data


def _data(answer: httpx.Response, fields: Mapping[str, Any]) -> dict[str, Any]:
    """The data of an answer. Raises Later, Never or Refused for what its code says."""
    code, why = fields.get("code"), str(fields.get("msg", ""))
    if code == 0:
        data = fields.get("data", fields)  # bot/v3/info has no data
        return data if isinstance(data, dict) else {}
    if answer.status_code == 429 or code in LIMITED:
        raise Later(_wait(answer), "too often")
    if not isinstance(code, int) or answer.status_code >= 500:
        raise Later(BROKEN_SECONDS, f"HTTP {answer.status_code}")
    if code in STALE:
        raise Later(BROKEN_SECONDS, f"{code}: {why}")
    if code in MISSET:
        log.error("feishu does not let the app do this", code=code, why=why[:300])
        raise Later(MISSET_SECONDS, f"{code}: {why}"[:200])
    if code in NOBODY:
        raise Never(f"{code}: {why}"[:200])
    raise Refused(code, why)


def _wait(answer: httpx.Response) -> float:
    """How many seconds we are told to wait."""
    seconds = answer.headers.get("x-ogw-ratelimit-reset") or answer.headers.get("retry-after") or ""
    try:
        return min(LONGEST_WAIT, max(0.1, float(seconds)))
    except ValueError:
        return 1.0


def _object(answer: httpx.Response) -> dict[str, Any]:
    try:
        parsed = answer.json()
    except ValueError:
        return {}
    return parsed if isinstance(parsed, dict) else {}


async def _at_most(answer: httpx.Response, most: int) -> bytes | None:
    found = bytearray()
    async for part in answer.aiter_bytes():
        found += part
        if len(found) > most:
            return None
    return bytes(found)
