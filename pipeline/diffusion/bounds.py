"""What steps of some operations must say so that a model of a closed world can carry them out at all."""

from collections.abc import Mapping

from pipeline.diffusion import words
from pipeline.diffusion.names import name
from pipeline.diffusion.vocabulary import Vocabulary
from storage.plans import STYLES, Bound

MOST = 6  # things that a refusal names


def bounds(vocabulary: Vocabulary) -> Mapping[str, Bound]:
    """By operation; an open world has none."""
    if vocabulary.open:
        return {}
    settings = [words.SETTING_NAMES.get(one, one) for one in vocabulary.settings]
    styles = [words.STYLE_NAMES[one] for one in vocabulary.styles if one in words.STYLE_NAMES and one in STYLES]
    things = Bound(
        f"我还画不出{{content}}，可以换成{_listed([name(one) for one in vocabulary.things])}。",
        ("concept",),
        kinds=tuple(vocabulary.things),
    )
    return {
        "insert": things,
        "replace": things,
        "background": Bound(
            f"我还画不出{{content}}，背景可以换成：{_listed(settings)}。",
            words=(*vocabulary.settings, *words.SAME_SETTINGS),
            instead=tuple(f"背景换成{one}" for one in settings[:2]),
        ),
        "restyle": Bound(
            f"我还不会画{{content}}，可以换成{_listed(styles)}，也可以发几张图教我。",
            ("concept",),
            tuple(vocabulary.styles),
            instead=tuple(f"改成{one}" for one in styles[:2]),
        ),
    }


def _listed(names: list[str]) -> str:
    return "、".join(names[:MOST])
