"""What this engine keeps of a taught concept: cut-outs of the references, and the mean embedding or the style vector.

One `np.savez` file of plain arrays (nothing in it can run): pictures as JPEG, opacities as PNG, so that five references
take about 1 MB.
"""

import io
from dataclasses import dataclass
from zipfile import BadZipFile

import cv2
import numpy as np

from pipeline.compositing.anatomy import Head
from pipeline.compositing.figure import Figure
from pipeline.engine import Artefact, EngineError, Floats, Pixels

ENGINE, FORMAT = "compositing", "compositing/1"
LONGEST = 1400  # pixels of a kept cut-out
SIDES = ("left", "top", "right", "bottom")
POSTURES = ("", "standing", "seated", "bust")


@dataclass(frozen=True, slots=True)
class Memory:
    """kind of the concept; its figures, the best first; embedding (128,) of a person, vector of a style, or None."""

    kind: str
    figures: tuple[Figure, ...] = ()
    embedding: Floats | None = None
    style: Floats | None = None


def packed(memory: Memory) -> Artefact:
    """A Memory as bytes."""
    arrays: dict[str, np.ndarray] = {"kind": np.array(memory.kind), "count": np.array(len(memory.figures))}
    if memory.embedding is not None:
        arrays["embedding"] = memory.embedding
    if memory.style is not None:
        arrays["style"] = memory.style
    for number, figure in enumerate(memory.figures):
        longest = max(figure.alpha.shape)
        kept = figure.scaled(LONGEST / longest) if longest > LONGEST else figure
        arrays[f"{number}.rgb"] = _encoded(kept.rgb[..., ::-1], ".jpg", [cv2.IMWRITE_JPEG_QUALITY, 96])
        arrays[f"{number}.alpha"] = _encoded((kept.alpha * 255).round().astype(np.uint8), ".png", [])
        if kept.head is not None:
            arrays[f"{number}.head"] = np.array([kept.head.x, kept.head.y, kept.head.size, *kept.head.box])
        for name in ("points", "keypoints", "embedding", "backdrop"):
            if (value := getattr(kept, name)) is not None:
                arrays[f"{number}.{name}"] = value
        if kept.origin is not None:
            arrays[f"{number}.origin"] = np.array(kept.origin)
        arrays[f"{number}.cut"] = np.array([side in kept.cut for side in SIDES])
        arrays[f"{number}.posture"] = np.array(POSTURES.index(kept.posture or ""))
        arrays[f"{number}.numbers"] = np.array([kept.visible, kept.photo, *kept.frame])
    data = io.BytesIO()
    np.savez(data, allow_pickle=False, **arrays)
    return Artefact(ENGINE, FORMAT, data.getvalue())


def unpacked(artefact: Artefact) -> Memory:
    """The Memory in an artefact. Raises EngineError for bytes of another format or damaged ones."""
    if artefact.format != FORMAT:
        raise EngineError("这个名字是用旧版本教的，请重新发几张照片教我一次。", f"artefact format {artefact.format!r}")
    try:
        with np.load(io.BytesIO(artefact.data), allow_pickle=False) as arrays:
            figures = tuple(_figure(arrays, number) for number in range(int(arrays["count"])))
            return Memory(
                str(arrays["kind"]),
                figures,
                arrays.get("embedding", None),
                arrays.get("style", None),
            )
    except (ValueError, KeyError, OSError, EOFError, BadZipFile, cv2.error) as error:
        raise EngineError("记住的样子读不出来了，请重新发几张照片教我一次。", f"damaged artefact: {error}") from error


def _figure(arrays: "np.lib.npyio.NpzFile", number: int) -> Figure:
    def maybe(name: str) -> Floats | None:
        key = f"{number}.{name}"
        return np.asarray(arrays[key], np.float32) if key in arrays else None

    rgb = cv2.imdecode(arrays[f"{number}.rgb"], cv2.IMREAD_COLOR)
    alpha = cv2.imdecode(arrays[f"{number}.alpha"], cv2.IMREAD_GRAYSCALE)
    if rgb is None or alpha is None:
        raise ValueError(f"figure {number} cannot be decoded")
    origin = maybe("origin")
    head, numbers = maybe("head"), arrays[f"{number}.numbers"]
    cut = arrays[f"{number}.cut"]
    h = [float(value) for value in head] if head is not None else None
    return Figure(
        rgb=np.ascontiguousarray(rgb[..., ::-1], np.uint8),
        alpha=np.asarray(alpha / 255, np.float32),
        head=Head(h[0], h[1], h[2], (h[3], h[4], h[5], h[6])) if h is not None else None,
        points=maybe("points"),
        keypoints=maybe("keypoints"),
        embedding=maybe("embedding"),
        backdrop=maybe("backdrop"),
        origin=(float(origin[0]), float(origin[1]), float(origin[2]), float(origin[3])) if origin is not None else None,
        posture=POSTURES[int(arrays[f"{number}.posture"])] or None,
        cut=frozenset(side for side, on in zip(SIDES, cut, strict=True) if on),
        visible=float(numbers[0]),
        photo=int(numbers[1]),
        frame=(float(numbers[2]), float(numbers[3])),
    )


def _encoded(pixels: Pixels, kind: str, options: list[int]) -> Pixels:
    done, data = cv2.imencode(kind, np.ascontiguousarray(pixels), options)
    if not done:
        raise ValueError(f"cannot encode {pixels.shape} as {kind}")
    return np.asarray(data, np.uint8).ravel()
