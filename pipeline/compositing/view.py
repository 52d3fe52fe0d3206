"""A View: one order's photo, what was seen in it, and mattes as they are needed."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np

from pipeline.compositing import harmony
from pipeline.compositing.anatomy import Head, head, resized
from pipeline.compositing.figure import Figure, backdrop, cut_sides
from pipeline.compositing.memory import ENGINE, unpacked
from pipeline.engine import EditOrder, Floats, Pixels, Work
from pipeline.imaging.geometry import Window, cropped, disc, pixels_of, scaled, window
from pipeline.imaging.matting import foreground, matte
from pipeline.vision import packing
from pipeline.vision.looking import Vision, version
from pipeline.vision.scene import WORKING, Instance, Scene

NEAR, FARTHEST = 0.03, 0.09  # heads from a mask up to which hair is believed wholly, and not at all

HAIR = 0.12  # widths of a face beyond a mask in which hair is looked for: the nets' masks end near it
SLIT = 0.006  # of the longer side: what is closed between two who touch


class View:
    """What every operation works on."""

    def __init__(self, photo: Pixels, scene: Scene, order: EditOrder, vision: Vision) -> None:
        self.photo, self.scene, self.order, self.vision = photo, scene, order, vision
        self.small: Pixels = scaled(photo, WORKING)
        self._mattes: dict[int, tuple[Window, Floats]] = {}

    def ordered(self, order: EditOrder) -> "View":
        """The same photo under another order: what was seen and cut out is shared."""
        other = View(self.photo, self.scene, order, self.vision)
        other._mattes = self._mattes
        return other

    @property
    def size(self) -> tuple[int, int]:
        """(H, W) of the photo."""
        return self.photo.shape[0], self.photo.shape[1]

    def head(self, index: int) -> Head | None:
        """The head of an instance, in pixels of the photo."""
        return head(self.scene.instances[index], self.size)

    def persons(self) -> list[int]:
        """Indices of the persons, from left to right."""
        return [index for index, one in enumerate(self.scene.instances) if one.label == "person"]

    def matte(self, index: int) -> Floats:
        """Opacity (H, W) of an instance at the photo's size, hair included; worked out once."""
        whole = np.zeros(self.size, np.float32)
        place, part = self._matte(index)
        whole[place] = part
        return whole

    def _matte(self, index: int) -> tuple[Window, Floats]:
        if index not in self._mattes:
            one = self.scene.instances[index]
            face = one.face.box if one.face else None
            found = matte(self.photo, one.mask, face=face, others=self.others(index), hair=HAIR)
            found = near_mask(found, one)
            place = window(found, 2, 0.0) or (slice(0, 1), slice(0, 1))
            self._mattes[index] = place, found[place].copy()
        return self._mattes[index]

    def others(self, index: int) -> Floats | None:
        """A mask (h, w) of everybody else, None when somebody is alone."""
        masks = [other.mask for number, other in enumerate(self.scene.instances) if number != index]
        return np.maximum.reduce(masks) if masks else None

    def mask(self, indices: Sequence[int]) -> Floats:
        """Where some instances are (h, w), at the scene's working size; zeros for nobody."""
        masks = [self.scene.instances[index].mask for index in indices]
        return np.maximum.reduce(masks) if masks else np.zeros(self.small.shape[:2], np.float32)

    def before(self, indices: Sequence[int]) -> tuple[Floats | None, Pixels | None]:
        """Opacity (H, W) of some people together, and their own colours; (None, None) for nobody.

        Two who stand side by side share the pixels on their border: there the opacities add up.
        """
        if not indices:
            return None, None
        together = np.zeros(self.size, np.float32)
        for index in indices:
            place, part = self._matte(index)
            together[place] += part
        together = together.clip(0, 1)
        return together, foreground(self.photo, together)

    def company(self, indices: Sequence[int]) -> Floats:
        """Opacity (H, W) of some people as one figure: where they touch nothing shines through.

        About each of them the edge of all is looked for, and each pixel takes the answer of whom it is nearest to.
        """
        if len(indices) == 1:
            return self.matte(indices[0])
        mask = self.mask(indices)
        reach = max(2.0, SLIT * max(mask.shape))
        closed = np.asarray(cv2.morphologyEx(mask, cv2.MORPH_CLOSE, disc(reach)), np.float32)
        rest = [index for index in range(len(self.scene.instances)) if index not in indices]
        others = self.mask(rest) if rest else None
        if others is not None:
            closed = np.where(others > 0.5, mask, closed)
        away = np.stack(
            [
                cv2.distanceTransform((self.scene.instances[i].mask < 0.5).astype(np.uint8), cv2.DIST_L2, 5)
                for i in indices
            ]
        )
        nearest = away.argmin(0)
        out = np.zeros(self.size, np.float32)
        for number, index in enumerate(indices):
            one = replace(self.scene.instances[index], mask=closed)
            found = near_mask(self._edge(index, closed, others), one)
            out += found * resized((nearest == number).astype(np.float32), self.size)
        return out.clip(0, 1)

    def _edge(self, index: int, mask: Floats, others: Floats | None) -> Floats:
        """Opacity (H, W) of `mask` (h, w) in a window about somebody; 0 elsewhere."""
        out = np.zeros(self.size, np.float32)
        one, seen = self.scene.instances[index], self.head(index)
        whole = resized(one.mask, self.size)
        place = window(whole, round(seen.size if seen is not None else 0.1 * max(self.size)), 0.5)
        if place is None:
            return out
        top, left = place[0].start, place[1].start
        part = self.photo[place]
        tall, wide = part.shape[:2]
        share = mask.shape[0] / self.size[0]
        target = max(8, round(tall * share)), max(8, round(wide * share))
        face = None
        if one.face is not None:
            x0, y0, x1, y1 = pixels_of(one.face.box, *self.size)
            face = (x0 - left) / wide, (y0 - top) / tall, (x1 - left) / wide, (y1 - top) / tall
        out[place] = matte(
            part,
            cropped(mask, place, self.size, target),
            face=face,
            others=cropped(others, place, self.size, target) if others is not None else None,
            hair=HAIR,
        )
        return out

    def figure(self, index: int) -> Figure:
        """An instance as a cut-out."""
        one = self.scene.instances[index]
        alpha = self.matte(index)
        return cut_out(self.photo, alpha, one, 0, self.backdrop())

    def backdrop(self) -> Floats:
        """The photo without anybody, as small as scenes are told apart by."""
        return backdrop(self.photo, self.mask(self.persons()))


def near_mask(alpha: Floats, one: Instance) -> Floats:
    """An opacity (H, W) without what lies farther from somebody's mask than their hair does: there a background full of
    lines looks like hair to the colours alone."""
    shape = one.mask.shape
    seen = head(one, (shape[0], shape[1]))
    if seen is None:
        return alpha
    away = cv2.distanceTransform((one.mask < 0.5).astype(np.uint8), cv2.DIST_L2, 5) / seen.size
    kept = ((FARTHEST - away) / (FARTHEST - NEAR)).clip(0, 1).astype(np.float32)
    return alpha * resized(kept, (alpha.shape[0], alpha.shape[1]))


def cut_out(photo: Pixels, alpha: Floats, one: Instance, number: int = 0, behind: Floats | None = None) -> Figure:
    """Somebody whose opacity (H, W) in a photo is known, as a Figure; `number` of the photo among the references;
    `behind`: the photo's backdrop."""
    height, width = alpha.shape
    place = window(alpha, 2, 0.02) or (slice(0, height), slice(0, width))
    rows, columns = place
    corner = np.array([columns.start, rows.start], np.float32)
    seen = head(one, (height, width))
    moved = None
    if seen is not None:
        x0, y0, x1, y1 = seen.box
        moved = Head(
            seen.x - corner[0], seen.y - corner[1], seen.size,
            (x0 - corner[0], y0 - corner[1], x1 - corner[0], y1 - corner[1]),
        )  # fmt: skip
    part = alpha[place]
    frame = (columns.start <= 2, rows.start <= 2, columns.stop >= width - 2, rows.stop >= height - 2)
    unit = seen.size if seen is not None else 0.2 * max(part.shape)
    points = np.asarray(one.face.points * (width, height) - corner, np.float32) if one.face is not None else None
    keypoints = None
    if one.keypoints is not None:
        keypoints = one.keypoints.copy()
        keypoints[:, :2] = keypoints[:, :2] * (width, height) - corner
    return Figure(
        rgb=np.ascontiguousarray(foreground(photo, alpha)[place]),
        alpha=part.copy(),
        head=moved,
        points=points,
        keypoints=keypoints,
        posture=one.posture,
        cut=cut_sides(part, frame, unit),
        embedding=one.face.embedding if one.face is not None else None,
        visible=one.visible,
        photo=number,
        frame=harmony.exposure(photo),
        origin=(float(corner[0]), float(corner[1]), float(width), float(height)),
        backdrop=behind,
    )


def digest(photo: Pixels) -> str:
    """A short name of a photo's contents, for the cache."""
    step = max(1, max(photo.shape[:2]) // 512)
    sampled = np.ascontiguousarray(photo[::step, ::step])
    return hashlib.blake2b(sampled.tobytes() + repr(photo.shape).encode(), digest_size=12).hexdigest()


def scene_key(photo: Pixels) -> str:
    """What the scene of a photo is called in the cache: what other nets or other code saw is not found there."""
    return f"{ENGINE}/scene/{version()}/{digest(photo)}"


def viewed(order: EditOrder, vision: Vision) -> Work[View]:
    """The View of an order: looked at, or remembered from the order before, with the names of who is known."""
    key = scene_key(order.photo)
    scene = packing.unpack(order.cache.get(key)) if order.cache is not None else None
    if scene is None:
        scene = yield from vision.look(order.photo)
        if order.cache is not None:
            order.cache[key] = packing.pack(scene)
    known = {}
    for name, concept in order.concepts.items():
        artefact = concept.artefacts.get(ENGINE)
        embedding = unpacked(artefact).embedding if artefact is not None else None
        if embedding is not None:
            known[name] = embedding
    if known:
        scene = vision.identity.recognise(scene, known)
    return View(order.photo, scene, order, vision)


def remembered(view: View, photo: Pixels) -> None:
    """Keep the scene for a result in which everybody stands where they stood (another style, another light)."""
    if view.order.cache is not None and photo.shape == view.photo.shape:
        plain = replace(view.scene, instances=tuple(replace(one, identity=None) for one in view.scene.instances))
        view.order.cache[scene_key(photo)] = packing.pack(plain)


def at_size(mask: Floats, view: View) -> Floats:
    """A mask (h, w) at the photo's size."""
    return resized(mask, view.size)
