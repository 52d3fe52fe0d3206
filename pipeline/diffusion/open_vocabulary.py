"""Prompts for a model whose world is open (Stable Diffusion): any English word may be tried, nothing is known by place.

The source prompt is the photo's caption if one could be made, else as much as the sentence itself says: 把猫换成狗
tells that there is a cat. Words that our lexicon lacks are looked up in a dictionary, phrases translated where there is a
translator; what is in neither cannot be guessed: the user is asked for another word.
"""

import re
from collections.abc import Mapping

from pipeline.diffusion import translation, words
from pipeline.diffusion.dictionary import english, head
from pipeline.diffusion.grounding import PromptError, Taught, taught_as
from pipeline.diffusion.meaning import Asked, Meaning
from pipeline.diffusion.prompts import EVERYWHERE, Prompts
from pipeline.diffusion.vocabulary import Seen, article
from pipeline.diffusion.words import PERSONS
from storage.plans import Referent, Step

PLACES = {  # the parser's settings in a caption; its other places are captions themselves
    "beach": "on the beach",
    "grass": "on the grass",
    "snow": "in the snow",
    "night": "in a city at night",
    "room": "in a room",
    "desert": "in the desert",
    "lake": "by a lake",
}
PARTS = {  # what is somebody's, as a caption says it of them
    "hair": "with hair",
    "face": "with a face",
    "eyes": "with eyes",
    "clothes": "in clothes",
    "dress": "in a dress",
    "trousers": "in trousers",
    "shirt": "in a shirt",
    "coat": "in a coat",
    "hat": "in a hat",
    "glasses": "with glasses",
    "shoes": "in shoes",
}
ATTRIBUTES = {
    "hair": "with {} hair",
    "hair_color": "with {} hair",
    "pattern": "in striped clothes",
    "top": "with {}",
    "eyes": "with {}",
}


def open_prompts(asked: Asked, seen: Seen, concepts: Mapping[str, Taught], model: str = "") -> Prompts:
    """The prompts for a step; ``model`` is the folder whose translator may be asked. Raises PromptError for a word that
    we cannot translate."""
    step = asked.step
    if step.operation == "restyle":
        return _restyle(step, seen, concepts, model)
    if step.operation == "background" or (step.operation == "modify" and asked.content.setting):
        return _background(asked, seen, model)
    comes = _comes_in(asked, concepts, model)
    target = asked.referents.get("target")
    old = _noun(step.target, asked.target, concepts, model, target) if step.target else ""
    if not old and asked.points:
        old = "object"
    source = _about(seen.prompt, old, "" if target is None else target.part or "")
    description = (
        f"{step.target or '照片'} → {step.concept or step.content or words.COLOR_NAMES.get(step.color or '', '')}"
    )
    if step.operation == "insert":
        return Prompts(
            source,
            f"{source} and {_a(comes)}",
            ((None, comes),),
            EVERYWHERE,
            None,
            f"加上{step.concept or step.content}",
        )
    if not old:
        raise PromptError("请说清楚要改照片里的什么，比如“把猫换成狗”。", "no target")
    if step.operation == "remove":
        less = re.sub(rf"\b(?:and )?(?:an? |the )?{re.escape(old)}\b", "", source)
        return Prompts(
            source, " ".join(less.split()), ((old, None),), EVERYWHERE, None, f"去掉{step.target or '点到的东西'}"
        )
    if step.operation == "replace" and comes:
        return Prompts(source, _swap(source, old, comes), ((old, comes),), EVERYWHERE, None, description)
    if step.operation == "recolor" and step.color:
        return Prompts(
            source, _swap(source, old, f"{step.color} {old}"), ((None, step.color),), EVERYWHERE, None, description
        )
    if step.operation == "modify" and comes:
        return Prompts(source, _swap(source, old, f"{old} {comes}"), ((None, comes),), EVERYWHERE, None, description)
    raise PromptError("请说清楚要改成什么，比如“换成狗”、“改成蓝色”。", "nothing comes in")


def _restyle(step: Step, seen: Seen, concepts: Mapping[str, Taught], model: str) -> Prompts:
    taught = taught_as(step.concept or step.content, concepts)
    begins = f"a painting in the style of {taught.word} of" if taught else words.STYLES.get(step.style or "", "")
    if not begins and step.content and (style := _english(re.sub("(?:的)?(?:风格?|画风?)$", "", step.content), model)):
        begins = f"a picture in {style} style of"
    if not begins:
        raise PromptError(
            "我还不认识这种风格，可以试试水墨、油画、水彩、素描、漫画，或者发几张图教我。", "style unknown"
        )
    source = seen.prompt or "a photo of a scene"
    rest = re.sub(r"^an? (photo|picture|image) of ", "", source)
    called = words.STYLE_NAMES.get(step.style or "", step.concept or step.content or "")
    return Prompts(
        source, f"{begins} {rest}", ((None, begins.removesuffix(" of")),), EVERYWHERE, None, f"改成{called}风格"
    )


def _background(asked: Asked, seen: Seen, model: str) -> Prompts:
    step, setting = asked.step, asked.content.setting or ""
    place = PLACES.get(setting, setting) or _ascii(step.content)
    if not place and step.content and (noun := _english(step.content, model)):
        place = f"with {_a(noun)} in the background"
    if not place:
        raise PromptError(f"我还不认识“{step.content or ''}”这个地方，{_another(model)}", "place unknown")
    source = seen.prompt or "a photo of a scene"
    return Prompts(source, f"{source} {place}", ((None, place),), EVERYWHERE, None, f"背景换成{step.content}")


def _comes_in(asked: Asked, concepts: Mapping[str, Taught], model: str) -> str:
    """What comes in, in English without article; "" if the step brings nothing in. Raises PromptError."""
    step, meaning = asked.step, asked.content
    if step.operation in ("restyle", "background", "remove", "recolor") or not (step.content or step.concept):
        return ""
    taught = taught_as(step.concept or step.content, concepts)
    if taught:
        return taught.word
    if step.concept:
        raise PromptError(f"我还没学会{step.concept}，请先发几张它的照片教我。", "concept unknown")
    color = step.color or meaning.slots.get("color", "")
    if not meaning.kinds and step.operation == "modify" and meaning.slots:
        return _looks(meaning.slots)
    noun = meaning.kinds[0] if meaning.kinds else _ascii(step.content) or _english(step.content, model, meaning.unknown)
    if not noun:
        raise PromptError(f"我还不认识“{step.content}”，{_another(model)}", "content unknown")
    if step.operation == "modify":
        return f"with {_a(f'{color} {noun}'.strip())}"
    return f"{color} {noun} {_looks(meaning.slots)}".strip()


def _looks(slots: Mapping[str, str]) -> str:
    """Attributes as English after the noun."""
    looks = [ATTRIBUTES[slot].format(value) for slot, value in slots.items() if slot in ATTRIBUTES]
    if "accessory" in slots:
        looks.append("with a hat" if slots["accessory"] == "hat" else "with glasses")
    if slots.get("expression"):
        looks.append(f"looking {slots['expression']}")
    return " ".join(looks)


def _noun(text: str, meaning: Meaning, concepts: Mapping[str, Taught], model: str, referent: Referent | None) -> str:
    """The target in English, of somebody's part that part. Raises PromptError."""
    if referent is not None and referent.part in PARTS:
        return referent.part
    taught = taught_as(text, concepts)
    if taught is None and referent is not None and referent.name is not None:
        return "person"  # somebody taught, who is to be found in the photo only
    kinds = ("person",) if len(PERSONS.intersection(meaning.kinds)) > 1 else meaning.kinds
    known = (taught.like or taught.kind) if taught else kinds[0] if kinds else _ascii(text)
    noun = known or _english(text, model, meaning.unknown)
    if not noun:
        raise PromptError(f"我还不认识“{text}”，{_another(model)}", "target unknown")
    return noun


def _english(text: str | None, model: str, unknown: str = "") -> str:
    """What our lexicon does not know, in English: a word by the dictionary, a phrase by the translator, else the word
    that the phrase ends in; `unknown` is the phrase without what the lexicon knows of it."""
    said = "".join((text or "").split()).lower()
    return english(said) or english(unknown) or translation.translate(said, model) or head(unknown or said)


def _another(model: str) -> str:
    """What to do about a word that nobody can translate."""
    return "换个说法试试？英文单词也可以。" + ("" if translation.at_hand(model) else translation.MISSING)


def _about(caption: str, noun: str, part: str = "") -> str:
    """The caption if it names the noun, else a caption that does; a `part` is somebody's."""
    if noun and not re.search(rf"\b{re.escape(noun)}\b", caption):
        return f"a photo of a person {PARTS[noun]}" if noun == part else f"a photo of {_a(noun)}"
    return caption or "a photo of a scene"


def _swap(caption: str, old: str, new: str) -> str:
    """The caption with one noun for another and the article that fits."""
    return (
        re.sub(rf"\b(an?) {re.escape(old)}\b", f"{article(new)} {new}", caption, count=1)
        if re.search(rf"\b(an?) {re.escape(old)}\b", caption)
        else re.sub(rf"\b{re.escape(old)}\b", new, caption, count=1)
    )


def _a(noun: str) -> str:
    """A noun with its article; pseudo-words have none."""
    return noun if noun.startswith("<") else f"{article(noun)} {noun}"


def _ascii(text: str | None) -> str:
    """English as the user wrote it."""
    return (text or "").strip().lower() if (text or "").isascii() else ""
