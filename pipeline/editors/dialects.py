"""How servers are asked for an edit, and how their answers are read: a pair of functions for each dialect.

openai     POST {address}/images/edits, multipart: `image` or several `image[]`, prompt, n, size. Never a mask: three
           servers give it three meanings. vLLM-omni, SGLang and stable-diffusion.cpp speak it, too.
dashscope  POST {address}/api/v1/services/aigc/multimodal-generation/generation (qwen-image-edit)
ark        POST {address}/images/generations with `image` (Seedream)
gemini     POST {address}/models/{model}:generateContent with inline data

Both functions are pure: what they are given and return is data, no connection.
"""

import base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote


@dataclass(frozen=True, slots=True)
class Ask:
    """An edit to ask for: PNG pictures (the photo first; none for a picture from words), words, width and height."""

    pictures: Sequence[bytes]
    instruction: str
    size: tuple[int, int]
    seed: int
    model: str


@dataclass(frozen=True, slots=True)
class Call:
    """A POST: path below the address, headers, and a JSON body or the parts of a multipart form."""

    path: str
    headers: Mapping[str, str]
    json: Mapping[str, Any] | None = None
    data: Mapping[str, str] | None = None
    files: Sequence[tuple[str, tuple[str, bytes, str]]] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """A picture as bytes or an address to fetch it from; or a refusal, in the server's own words."""

    picture: bytes | None = None
    url: str | None = None
    refused: str | None = None


class Unreadable(ValueError):
    """An answer that is none of this dialect's."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """One way to ask. `address` is the provider's own ("" where there is none), `variable` the environment variable that
    its users know for the key, `pictures` the most in one request."""

    address: str
    variable: str
    pictures: int
    call: Callable[[Ask, str], Call]
    read: Callable[[Any], Answer]
    draws: bool = True
    refusals: Sequence[str] = field(default=())


# --- OpenAI -----------------------------------------------------------------------------------------------------------
def _openai(ask: Ask, key: str) -> Call:
    fields = {"model": ask.model, "prompt": ask.instruction, "n": "1", "size": f"{ask.size[0]}x{ask.size[1]}"}
    if not ask.pictures:
        return Call("/images/generations", _bearer(key), json={**fields, "n": 1})
    name = "image" if len(ask.pictures) == 1 else "image[]"
    files = [(name, (f"{index}.png", picture, "image/png")) for index, picture in enumerate(ask.pictures, 1)]
    return Call("/images/edits", _bearer(key), data=fields, files=files)


def _openai_read(data: Any) -> Answer:
    return _item(_first(_child(data, "data")))


# --- DashScope --------------------------------------------------------------------------------------------------------
def _dashscope(ask: Ask, key: str) -> Call:
    content: list[dict[str, str]] = [{"image": _data_uri(picture)} for picture in ask.pictures]
    content.append({"text": ask.instruction})
    body = {
        "model": ask.model,
        "input": {"messages": [{"role": "user", "content": content}]},
        "parameters": {
            "n": 1, "size": f"{ask.size[0]}*{ask.size[1]}", "seed": ask.seed % 2**31, "prompt_extend": False,
            "watermark": False,
        },
    }  # fmt: skip
    return Call("/api/v1/services/aigc/multimodal-generation/generation", _bearer(key), json=body)


def _dashscope_read(data: Any) -> Answer:
    choice = _first(_child(_child(data, "output"), "choices"))
    for part in _list(_child(_child(choice, "message"), "content")):
        if isinstance(part, dict) and isinstance(part.get("image"), str):
            return _addressed(part["image"])
    raise Unreadable("no picture in output.choices")


# --- Ark --------------------------------------------------------------------------------------------------------------
def _ark(ask: Ask, key: str) -> Call:
    pictures = [_data_uri(picture) for picture in ask.pictures]
    body: dict[str, Any] = {
        "model": ask.model, "prompt": ask.instruction, "size": f"{ask.size[0]}x{ask.size[1]}", "seed": ask.seed % 2**31,
        "sequential_image_generation": "disabled", "response_format": "b64_json", "watermark": False,
    }  # fmt: skip
    if pictures:
        body["image"] = pictures[0] if len(pictures) == 1 else pictures
    return Call("/images/generations", _bearer(key), json=body)


# --- Gemini -----------------------------------------------------------------------------------------------------------
def _gemini(ask: Ask, key: str) -> Call:
    parts: list[dict[str, Any]] = [
        {"inlineData": {"mimeType": "image/png", "data": base64.b64encode(picture).decode("ascii")}}
        for picture in ask.pictures
    ]
    body = {
        "contents": [{"role": "user", "parts": [*parts, {"text": ask.instruction}]}],
        "generationConfig": {"responseModalities": ["IMAGE"], "imageConfig": {"aspectRatio": _ratio(ask.size)}},
    }
    return Call(f"/models/{quote(ask.model, safe='')}:generateContent", {"x-goog-api-key": key}, json=body)


def _gemini_read(data: Any) -> Answer:
    if not isinstance(data, dict):
        raise Unreadable("no object")
    blocked = data.get("promptFeedback")
    if isinstance(blocked, dict) and blocked.get("blockReason"):
        return Answer(refused=str(blocked["blockReason"]))
    candidate = _first(data.get("candidates"))
    content = candidate.get("content") if isinstance(candidate, dict) else None
    for part in _list(content.get("parts")) if isinstance(content, dict) and "parts" in content else []:
        inline = part.get("inlineData") if isinstance(part, dict) else None
        if isinstance(inline, dict) and isinstance(inline.get("data"), str):
            return Answer(picture=_decoded(inline["data"]))
    reason = str(candidate.get("finishReason", "")) if isinstance(candidate, dict) else ""
    if reason and reason not in ("STOP", "MAX_TOKENS"):
        return Answer(refused=reason)
    raise Unreadable(f"no picture in candidates, finishReason {reason or 'none'}")


RATIOS = ((1, 1), (3, 2), (2, 3), (4, 3), (3, 4), (5, 4), (4, 5), (16, 9), (9, 16), (21, 9))


def _ratio(size: tuple[int, int]) -> str:
    """The nearest ratio that Gemini knows, as it writes it."""
    wide, high = min(RATIOS, key=lambda one: abs(one[0] / one[1] / (size[0] / size[1]) - 1))
    return f"{wide}:{high}"


DIALECTS: Mapping[str, Dialect] = {
    "openai": Dialect("", "OPENAI_API_KEY", 16, _openai, _openai_read),
    "dashscope": Dialect(
        "https://dashscope.aliyuncs.com", "DASHSCOPE_API_KEY", 3, _dashscope, _dashscope_read, draws=False
    ),
    "ark": Dialect("https://ark.cn-beijing.volces.com/api/v3", "ARK_API_KEY", 10, _ark, _openai_read),
    "gemini": Dialect("https://generativelanguage.googleapis.com/v1beta", "GEMINI_API_KEY", 14, _gemini, _gemini_read),
}
# how providers spell that they do not want to: parts of error codes and messages
REFUSALS = (
    "moderation", "content_policy", "safety", "sensitive", "datainspection", "data_inspection", "prohibited",
    "blocked", "riskcontrol", "risk_control", "inappropriate",
)  # fmt: skip


def error_of(data: Any) -> tuple[str, str]:
    """Code and message of an error body, in any of the spellings; empty where there is none."""
    if not isinstance(data, dict):
        return "", ""
    inner = data.get("error")
    source = inner if isinstance(inner, dict) else data
    code = source.get("code") or source.get("status") or source.get("type") or ""
    message = source.get("message") or (inner if isinstance(inner, str) else "")
    return str(code)[:200], str(message)[:1000]


def refuses(code: str, message: str) -> bool:
    """Whether an error says that the server does not want to, rather than that it cannot."""
    said = f"{code} {message}".lower()
    return any(word in said for word in REFUSALS)


# --- reading what others wrote ----------------------------------------------------------------------------------------
def _item(item: Any) -> Answer:
    """One element of `data`: base64, an address, or an error of its own."""
    if isinstance(item, dict) and isinstance(item.get("error"), dict):
        return Answer(refused=" ".join(error_of(item)))
    if isinstance(item, dict) and isinstance(item.get("b64_json"), str):
        return (
            _addressed(item["b64_json"]) if item["b64_json"].startswith("data:") else Answer(_decoded(item["b64_json"]))
        )
    if isinstance(item, dict) and isinstance(item.get("url"), str):
        return _addressed(item["url"])
    raise Unreadable("neither b64_json nor url")


def _addressed(text: str) -> Answer:
    if text.startswith("data:"):
        return Answer(picture=_decoded(text.partition(",")[2]))
    return Answer(url=text)


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError as error:
        raise Unreadable("not base64") from error


def _child(node: Any, name: str) -> Any:
    if not isinstance(node, dict) or name not in node:
        raise Unreadable(f"no {name}")
    return node[name]


def _list(node: Any) -> list[Any]:
    if not isinstance(node, list):
        raise Unreadable("no list")
    return node


def _first(node: Any) -> Any:
    some = _list(node)
    if not some:
        raise Unreadable("empty list")
    return some[0]


def _bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"} if key else {}


def _data_uri(picture: bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(picture).decode("ascii")
