"""Is an answer of our server what both libraries take for one? Their own types say so."""

from typing import Any

import aiogram.methods
import telegram
from pydantic import BaseModel, TypeAdapter

PTB = {
    "getMe": telegram.User,
    "getUpdates": telegram.Update,
    "getFile": telegram.File,
    "getUserProfilePhotos": telegram.UserProfilePhotos,
    "getStickerSet": telegram.StickerSet,
    "getWebhookInfo": telegram.WebhookInfo,
    "editMessageText": telegram.Message,
    **dict.fromkeys(("sendMessage", "sendPhoto", "sendMediaGroup", "sendDocument", "sendSticker"), telegram.Message),
}
ADAPTERS: dict[str, TypeAdapter[Any]] = {}


def check(method: str, result: Any) -> None:
    """Raises an exception when one of the libraries could not read the result, or knows a field of it not at all."""
    kind = f"{method[0].upper()}{method[1:]}"
    if kind not in ADAPTERS:
        ADAPTERS[kind] = TypeAdapter(getattr(aiogram.methods, kind).__returning__)
    _known(ADAPTERS[kind].validate_python(result))
    if method in PTB:
        for one in result if isinstance(result, list) else [result]:
            read = PTB[method].de_json(one, None)
            assert read is not None
            assert not read.api_kwargs, f"{method}: python-telegram-bot does not know {dict(read.api_kwargs)}"
    else:
        assert result is True


def parameters(method: str) -> frozenset[str]:
    """The parameters that a method has."""
    return frozenset(getattr(aiogram.methods, f"{method[0].upper()}{method[1:]}").model_fields)


def _known(value: Any) -> None:
    """No field anywhere that aiogram's types do not have."""
    if isinstance(value, list | tuple):
        for one in value:
            _known(one)
    elif isinstance(value, BaseModel):
        assert not value.model_extra, f"aiogram does not know {value.model_extra}"
        for name in type(value).model_fields:
            _known(getattr(value, name))
