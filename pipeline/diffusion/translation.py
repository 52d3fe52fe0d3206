"""Chinese phrases → English by opus-mt-zh-en (Tiedemann & Thottingal 2020), where its weights are on this machine.

Looked for in `translator/` of the model folder, then among the models that transformers has downloaded before. Nothing
is ever fetched: without it the dictionary has to do (see dictionary.py), which knows words and no phrases.
"""

from functools import lru_cache
from pathlib import Path
from typing import Any

import structlog

KNOWN = "Helsinki-NLP/opus-mt-zh-en"
WORDS = 24
MISSING = "装上 opus-mt-zh-en 翻译模型后能听懂更多。"

log = structlog.get_logger()


def at_hand(model: str) -> bool:
    """Whether phrases can be translated here."""
    return _translator(model) is not None


def translate(text: str, model: str) -> str:
    """A phrase in English, without article and full stop; "" if there is no translator."""
    found = _translator(model)
    if found is None:
        return ""
    marian, tokenizer = found
    tokens = marian.generate(**tokenizer([text], return_tensors="pt"), max_new_tokens=WORDS)
    said = str(tokenizer.decode(tokens[0], skip_special_tokens=True)).strip(" .!?").lower()
    return said.removeprefix("a ").removeprefix("an ").removeprefix("the ")


@lru_cache(maxsize=2)
def _translator(model: str) -> tuple[Any, Any] | None:
    """The model and its tokenizer, or None if they are not here."""
    from transformers import MarianMTModel, MarianTokenizer

    own = Path(model) / "translator"
    place = str(own) if own.is_dir() else KNOWN
    try:
        return MarianMTModel.from_pretrained(place, local_files_only=True).eval(), MarianTokenizer.from_pretrained(
            place, local_files_only=True
        )
    except (ImportError, OSError, ValueError, TypeError) as error:
        log.info("no translator", place=place, reason=type(error).__name__)
        return None
