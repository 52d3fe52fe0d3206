"""Instructions in English, for the FLUX family. The photo is image 1."""

from pipeline.editors.said import Pictured, Said

STYLES = {
    "ink_wash": "a Chinese ink wash painting", "impressionist": "an impressionist oil painting", "oil": "an oil painting",
    "watercolor": "a watercolour painting", "sketch": "a pencil sketch", "comic": "a comic book page",
    "anime": "Japanese anime", "pixel": "pixel art", "abstract": "an abstract painting", "cyberpunk": "a cyberpunk scene",
    "clay": "clay animation", "vintage": "a faded vintage photograph", "papercut": "a Chinese paper-cut",
}  # fmt: skip
SIDES = {
    "left": "on the left", "right": "on the right", "center": "in the middle", "top": "at the top",
    "bottom": "at the bottom", "front": "in the foreground", "behind": "in the back",
}  # fmt: skip
SHOWN = {"person": "person", "pet": "pet", "object": "object", "style": "style", "given": "thing"}
STRENGTHS = {"slight": " Make the change subtle.", "strong": " Make the change clearly visible."}
ADJUST = {
    "brighter": "brighter", "darker": "darker", "contrast": "with more contrast", "warmer": "with warmer colours",
    "cooler": "with cooler colours", "vivid": "with more vivid colours", "muted": "with muted colours",
    "sharper": "sharper", "denoise": "without noise", "auto": "with better light and colour",
    "grayscale": "in black and white", "colorize": "in natural colours", "relight": "with softer, natural light",
}  # fmt: skip
STAYS = (
    " Keep everything else in image 1 exactly as it is: the faces, expressions, poses and clothes of all other people,"
    " the background, the light, the colours and the framing. Do not shift, zoom or crop, and do not retouch skin."
)
FRAMED = " Keep the composition and framing and every person's identity, pose and place. Do not shift, zoom or crop."
LIKE_PHOTO = "with the same direction of light, colours, sharpness and grain as image 1"


def write(said: Said) -> str:
    """The instruction."""
    begin = _introduced(said.pictured) + (_introduced(said.known) if said.known != said.pictured else "")
    return begin + TEMPLATES[said.operation](said) + STRENGTHS.get(said.strength, "")


def draw(content: str) -> str:
    """A prompt for a picture from nothing."""
    return (
        f"A photograph of {content}. The whole subject is in the middle of the picture, in natural light, in sharp detail,"
        " before a simple background, without any text or watermark."
    )


def _insert(said: Said) -> str:
    shown, where = said.pictured, _where(said)
    if shown is not None and shown.kind in ("person", "pet"):
        return (
            f"Add the {SHOWN[shown.kind]} from {_pictures(shown)} to image 1, {where}. Face, hair and build are exactly"
            f" those in {_pictures(shown)}; the pose is natural, height and head size fit the people nearby,"
            f" {LIKE_PHOTO}, with a natural shadow on the ground, hiding nobody's face.{_count(said, 1)}{STAYS}"
        )
    return (
        f"Add {_incoming(said, 'something fitting')} to image 1, {where}, in the right size and perspective, {LIKE_PHOTO},"
        f" with a natural contact shadow.{STAYS}"
    )


def _replace(said: Said) -> str:
    shown = said.pictured
    if shown is not None and shown.kind in ("person", "pet"):
        return (
            f"Replace {_target(said)} in image 1 with the {SHOWN[shown.kind]} from {_pictures(shown)}: face, hair and build"
            f" are exactly those in {_pictures(shown)}, in the same place, pose and size as before, {LIKE_PHOTO}."
            f"{_count(said, 0)}{STAYS}"
        )
    return (
        f"Replace {_target(said)} in image 1 with {_incoming(said, 'something else')}, in the same place, with fitting size,"
        f" angle and pose, {LIKE_PHOTO}.{STAYS}"
    )


def _remove(said: Said) -> str:
    gone = -len(said.view.target)
    return (
        f"Remove {_target(said)} from image 1 together with shadows and reflections, and fill the place naturally with the"
        f" background around it. Leave no trace and add nothing new.{_count(said, gone) if gone else ''}{STAYS}"
    )


def _restyle(said: Said) -> str:
    if said.pictured is not None:
        style = f"in the style of {_pictures(said.pictured)}"
    else:
        style = "as " + (STYLES.get(said.style or "") or f"a picture in the style of {said.content or 'a painting'}")
    return f"Redraw the whole of image 1 {style}, with its strokes, materials and colours.{FRAMED} Everybody stays recognisable."


def _recolor(said: Said) -> str:
    color = said.color or said.content or "another colour"
    return (
        f"Change the colour of {_target(said)} in image 1 to {color}. Change only the colour; shape, material, texture,"
        f" folds and shading stay.{STAYS}"
    )


def _modify(said: Said) -> str:
    wish = " ".join(part for part in (said.color or "", said.content or "") if part)
    if said.pictured is not None:
        wish = f"like {_pictures(said.pictured)}" + (f", {wish}" if wish else "")
    wish = wish or "nicer"
    if said.target is None and not said.view.target and said.known is None:
        return f"Change image 1 as follows: {wish}.{FRAMED} Whatever is not mentioned stays as it is."
    return (
        f"Change {_target(said)} in image 1 as follows: {wish}. It stays the same person or thing, with the same"
        f" identity.{STAYS}"
    )


def _background(said: Said) -> str:
    if said.pictured is not None:
        scene = f"the scene of {_pictures(said.pictured)}"
    else:
        scene = said.content or f"a clean, plain {said.color or 'light'} background"
    people = "everything in the foreground"
    if said.view.persons:
        people = "the person" if said.view.persons == 1 else f"the {said.view.persons} people"
    return (
        f"Replace the background of image 1 with {scene}. Keep {people} exactly as in image 1: faces, expressions, poses,"
        " clothes, place and size, with clean natural hair edges. Light and colours on them suit the new background, with"
        " fitting shadows on the ground. Keep the framing. Do not shift, zoom or crop."
    )


def _move(said: Said) -> str:
    if said.content is not None and said.position is None:
        return _swap(said)
    return (
        f"Move {_target(said)} in image 1 so that it is {_where(said)}. It looks the same, its size follows the perspective"
        f" and its shadow goes along; fill its old place naturally with the background around it.{STAYS}"
    )


def _swap(said: Said) -> str:
    return (
        f"Let {_target(said)} and {said.content or 'the person beside it'} in image 1 change places. Both look the same as"
        f" before, in a size that follows the perspective.{STAYS}"
    )


def _face_swap(said: Said) -> str:
    whose = f"the person in {_pictures(said.pictured)}" if said.pictured else said.content or "the person beside"
    return (
        f"Give {_target(said)} in image 1 the face of {whose}: the same features and shape of the face, with the expression"
        f" and angle of the head as before, and skin and light that blend with image 1.{STAYS}"
    )


def _adjust(said: Said) -> str:
    wish = ADJUST.get(said.content or "", said.content) or "with better light and colour"
    return f"Make the whole of image 1 {wish}. Change nothing of its content.{FRAMED}"


def _restore(said: Said) -> str:
    return (
        "Restore image 1: remove scratches, creases, stains and noise and bring back clear, natural detail, without changing"
        f" anybody's face.{FRAMED}"
    )


def _beautify(said: Said) -> str:
    return (
        f"Retouch {_target(said)} in image 1 naturally: {said.content or 'even, healthy skin'}. Features and shape of the"
        f" face stay, skin keeps its texture, and it is recognisably the same person.{STAYS}"
    )


TEMPLATES = {
    "insert": _insert, "replace": _replace, "remove": _remove, "restyle": _restyle, "recolor": _recolor,
    "modify": _modify, "background": _background, "move": _move, "swap": _swap, "face_swap": _face_swap,
    "adjust": _adjust, "restore": _restore, "beautify": _beautify,
}  # fmt: skip


def _introduced(shown: Pictured | None) -> str:
    if shown is None or shown.kind == "given":
        return ""
    if len(shown.numbers) == 1:
        return f"Image {shown.numbers[0]} shows the {SHOWN[shown.kind]}. "
    return f"{_pictures(shown).capitalize()} show the same {SHOWN[shown.kind]}. "


def _pictures(shown: Pictured) -> str:
    return " and ".join(f"image {number}" for number in shown.numbers)


def _incoming(said: Said, otherwise: str) -> str:
    if said.pictured is not None:
        return f"the {said.content or SHOWN[said.pictured.kind]} from {_pictures(said.pictured)}"
    return " ".join(part for part in (said.color or "", said.content or "") if part) or otherwise


def _target(said: Said) -> str:
    """Who or what is meant: counted where somebody counted, else in the user's words."""
    part = said.part or ""
    if said.view.target and said.view.persons:
        if said.view.persons == 1:
            who = "the person"
        elif len(said.view.target) == said.view.persons:
            who = f"all {said.view.persons} people"
        else:
            numbers = " and ".join(_ordinal(index + 1) for index in said.view.target)
            who = f"the {numbers} person from the left (of {said.view.persons} people)"
        return f"the {part} of {who}" if said.target and part else who
    if said.known is not None:
        who = f"the {SHOWN[said.known.kind]} who is the one in {_pictures(said.known)}"
        return f"the {part} of {who}" if part else who
    what = said.target or part or "main subject"
    what = what if what.startswith(("the ", "all ", "every")) else f"the {what}"
    if said.ordinal is not None and said.target_position in ("left", "right", None):
        end = said.target_position or "left"
        if said.ordinal == -1:
            return f"{what} that is last from the {end}"
        return f"the {_ordinal(said.ordinal)} {what.removeprefix('the ')} from the {end}"
    return f"{what} {SIDES[said.target_position]}" if said.target_position else what


def _where(said: Said) -> str:
    if said.point is not None:
        return f"at {said.point[0]:.0%} from the left and {said.point[1]:.0%} from the top"
    if said.beside is not None:
        side = {"left": "to the left of", "right": "to the right of", "front": "in front of", "behind": "behind"}
        beside = said.beside if said.beside.startswith("the ") else f"the {said.beside}"
        return f"{side.get(said.position or '', 'beside')} {beside}"
    if said.position == "behind":
        return "in the back row, partly hidden by the people in front"
    return SIDES[said.position] if said.position else "in a free place that suits"


def _ordinal(number: int) -> str:
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10 if number % 100 not in (11, 12, 13) else 0, "th")
    return f"{number}{ending}"


def _count(said: Said, more: int) -> str:
    persons = said.view.persons
    if persons is None or not (persons or more):
        return ""
    after = persons + more
    if after <= 0:
        return " Afterwards nobody is in the picture."
    return f" Afterwards there {'is 1 person' if after == 1 else f'are {after} people'} in the picture."
