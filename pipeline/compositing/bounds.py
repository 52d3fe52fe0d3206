"""What steps of some operations must say so that this engine can carry them out at all, whatever is in the photo."""

from pipeline.compositing.background import SKIES
from pipeline.compositing.refusals import NEEDS, NOTHING_THERE
from pipeline.compositing.restyle import SPOKEN
from pipeline.imaging.styles import STYLES
from storage.plans import Bound

LOOKS = ("blur", "bokeh", "虚化", "模糊", "gray", "grayscale", "black and white", "黑白")  # of a background
BOUNDS = {
    "insert": Bound(NOTHING_THERE, ("concept",)),
    "replace": Bound(NOTHING_THERE, ("concept",)),
    "restyle": Bound(
        f"「{{content}}」画风我还没有；{NEEDS}。可以发几张这种画风的图教我，我照着来。",
        ("style", "concept"),
        (*SPOKEN, *STYLES),
        instead=("改成水墨风", "改成油画"),
    ),
    "background": Bound(
        f"「{{content}}」我手边没有照片；{NEEDS}。发一张{{content}}的照片教我这个地方，我就能把人换过去。",
        ("color", "concept"),
        tuple(SKIES),
        instead=("背景换成白色", "背景虚化"),
    ),
    "modify": Bound(
        f"照片里没有「{{content}}」的样子，我画不出来；{NEEDS}。",
        ("color", "concept"),
        LOOKS,
        instead=("背景虚化", "自动调色"),
    ),
}
