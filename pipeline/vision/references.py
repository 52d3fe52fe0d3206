"""The photos that somebody or something is taught with: who is meant, which photos fit, and what is wrong with the others.

Who is meant is whom most of the photos show, wherever they stand in them. Every photo that does not fit gets a finding
with its number (from 1) and a sentence; the others become references.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum

import cv2
import numpy as np

from pipeline.engine import Progress, Work, one_of
from pipeline.imaging.geometry import scaled
from pipeline.vision import things
from pipeline.vision.detection import Detection, Pixels
from pipeline.vision.identity import Same, sharpness
from pipeline.vision.looking import Vision
from pipeline.vision.mattes import cut_out, with_matte
from pipeline.vision.mesh import Mesh
from pipeline.vision.networks import Floats
from pipeline.vision.scene import WORKING, Box, Instance, Scene

# Points of the mesh: between the brows and down to the bridge of the nose; its tip, which a mask covers and a beard not
BRIDGE, TIP = (6, 197, 168, 9, 8), (4, 5, 1)
LEFT_CHEEK, RIGHT_CHEEK, BOTH_CHEEKS = (280, 346), (50, 117), (280, 346, 50, 117)


class Fault(Enum):
    """Why a photo does not fit, and what is said about it."""

    NO_FACE = "没有看到脸，请换一张能看清脸的。"
    SOMEBODY_ELSE = "像是另一个人，没有采用。"
    BLURRED = "有点糊，请换一张清晰的。"
    TOO_SMALL = "脸太小了，请换一张靠近一点拍的。"
    CUT_OFF = "脸没有拍全，请换一张整张脸都在照片里的。"
    COVERED = "脸被挡住了，请换一张没有遮挡的。"
    TURNED = "脸转得太偏，请换一张正面一点的。"
    NOTHING = "没有看到突出的东西，请换一张背景干净、主体大一点的。"


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong with photo `number` (from 1)."""

    number: int
    fault: Fault

    @property
    def sentence(self) -> str:
        return f"第 {self.number} 张{self.fault.value}"


@dataclass(frozen=True, slots=True)
class Light:
    """The light on a face. level: mean lightness, 0…100; side: how much lighter the cheek on the right of the photo is
    than the other, in Lab units; warmth: b of Lab, yellow positive."""

    level: float
    side: float
    warmth: float


@dataclass(frozen=True, slots=True)
class Reference:
    """Photo `index` (from 0) fits: instance `who` of its scene is meant.

    instance   it, with its matte
    picture    its cut-out, uint8 (h, w, 4) RGBA, at the scene's working size
    face       the box of the face in shares of the photo; None for pets and things
    yaw, pitch degrees that the face is turned to the right of the photo, and down
    sharpness  of the face (see identity.sharpness), or of the thing
    width      of the face in pixels of the photo itself; of a thing's box
    """

    index: int
    scene: Scene
    who: int
    instance: Instance
    picture: Pixels
    face: Box | None
    yaw: float
    pitch: float
    sharpness: float
    width: float
    light: Light | None

    @property
    def posture(self) -> str | None:
        return self.instance.posture


@dataclass(frozen=True, slots=True)
class Gathered:
    """The references, what is wrong with the other photos, and the mean embedding of a person (None for things)."""

    references: tuple[Reference, ...]
    findings: tuple[Finding, ...]
    embedding: Floats | None = None


def gather(vision: Vision, photos: Sequence[Pixels], kind: str) -> Work[Gathered]:
    """What the photos, uint8 (H, W, 3) of any sizes, show of one person (kind "person"), pet or object."""
    if kind == "person":
        return (yield from _person(vision, photos))
    references, findings = [], []
    for index, photo in enumerate(photos):
        scene = yield from one_of(vision.look(photo), index, len(photos))
        one = things.salient(vision, photo, scene)
        if one is None:
            findings.append(Finding(index + 1, Fault.NOTHING))
            continue
        shown = Scene(scene.size, (*scene.instances, one))
        references.append(_reference(vision, photo, index, shown, len(shown.instances) - 1, None))
    return Gathered(tuple(references), tuple(findings))


def _person(vision: Vision, photos: Sequence[Pixels]) -> Work[Gathered]:
    scenes: list[Scene] = []
    for index, photo in enumerate(photos):
        scenes.append((yield from one_of(vision.look(photo), index, len(photos) + 1)))
    yield Progress(len(photos), len(photos) + 1, "正在找参考照片里共同的人")
    meant, mean = shared(vision, scenes)
    references, findings = [], []
    for index, (photo, scene) in enumerate(zip(photos, scenes, strict=True)):
        who = meant.get(index)
        fault: Fault | None
        its_mesh = None
        if who is None:
            fault = _without(scene, vision.networks.thresholds["references"])
        else:
            picture = scaled(photo, WORKING)
            its_mesh = _mesh_of(vision, picture, scene.instances[who])
            fault = _fault(vision, photo, picture, scene.instances[who], its_mesh)
        if fault is None and who is not None:
            references.append(_reference(vision, photo, index, scene, who, its_mesh))
        elif fault is not None:
            findings.append(Finding(index + 1, fault))
    if references:
        embeddings = [one.instance.face.embedding for one in references if one.instance.face is not None]
        mean = np.asarray(np.mean([one for one in embeddings if one is not None], 0), np.float32)
    return Gathered(tuple(references), tuple(findings), mean)


def shared(vision: Vision, scenes: Sequence[Scene]) -> tuple[dict[int, int], Floats | None]:
    """Who is meant: the index of their instance by the scene's index, and their mean embedding.

    Each face in turn is held against all; whose face returns in most scenes is meant, of several the one whose faces are
    the most alike; with one photo, or where no face returns, the largest.
    """
    faces = [
        (number, index, one.face.embedding)
        for number, scene in enumerate(scenes)
        for index, one in enumerate(scene.instances)
        if one.face is not None and one.face.embedding is not None
    ]
    if not faces:
        return {}, None
    best: tuple[tuple[float, ...], dict[int, int], Floats] | None = None
    for anchor_scene, anchor_index, anchor in faces:
        mean, chosen = anchor, {anchor_scene: anchor_index}
        for _ in range(2):  # once about the face itself, once about the mean of those that were found
            chosen, distances = _nearest(vision, faces, mean)
            if not chosen:
                break
            mean = np.asarray(np.mean([e for n, i, e in faces if chosen.get(n) == i], axis=0), np.float32)
        if not chosen:
            continue
        size = float(np.mean([_width(scenes[n].instances[i]) for n, i in chosen.items()]))
        score = (float(len(chosen)), -float(np.mean(distances)) if len(chosen) > 1 else 0.0, size)
        if best is None or score > best[0]:
            best = score, chosen, mean
    assert best is not None
    return best[1], best[2]


def _nearest(
    vision: Vision, faces: Sequence[tuple[int, int, Floats]], mean: Floats
) -> tuple[dict[int, int], list[float]]:
    """Of every scene the face that is nearest to `mean`, where it is not another person's."""
    found: dict[int, tuple[float, int]] = {}
    for number, index, embedding in faces:
        distance = float(np.linalg.norm(embedding - mean))
        if vision.identity.same(embedding, mean) is not Same.DIFFERENT and distance < found.get(number, (9.0, 0))[0]:
            found[number] = distance, index
    return {number: index for number, (_, index) in found.items()}, [distance for distance, _ in found.values()]


def _width(one: Instance) -> float:
    return one.face.box[2] - one.face.box[0] if one.face is not None else 0.0


def _without(scene: Scene, wanted: Mapping[str, float]) -> Fault:
    """Why nobody in a scene could be compared."""
    faces = [one.face for one in scene.instances if one.face is not None]
    if not faces:
        return Fault.NO_FACE
    if any(face.embedding is not None for face in faces):
        return Fault.SOMEBODY_ELSE
    largest = max(faces, key=lambda face: face.box[2] - face.box[0])
    return Fault.TURNED if abs(largest.yaw) > wanted["yaw"] else Fault.TOO_SMALL


def _fault(vision: Vision, photo: Pixels, picture: Pixels, one: Instance, mesh: Mesh | None) -> Fault | None:
    """What is wrong with the picture of somebody who was recognised in it."""
    wanted = vision.networks.thresholds["references"]
    if mesh is None or one.face is None:
        return Fault.NO_FACE
    height, width = picture.shape[:2]
    x, y = mesh.points[:, 0], mesh.points[:, 1]
    if float(((x < 0) | (y < 0) | (x >= width) | (y >= height)).mean()) > wanted["outside"]:
        return Fault.CUT_OFF
    if _width(one) * photo.shape[1] < wanted["narrowest"]:
        return Fault.TOO_SMALL
    if abs(mesh.yaw) > wanted["yaw"] or abs(mesh.pitch) > wanted["pitch"]:
        return Fault.TURNED
    if _hidden(picture, mesh) > wanted["covered"]:
        return Fault.COVERED
    if sharpness(picture, mesh) < wanted["sharpness"]:
        return Fault.BLURRED
    return None


def _hidden(picture: Pixels, mesh: Mesh) -> float:
    """How differently coloured the tip of the nose is from its bridge (distance in a, b of Lab): a mask covers it."""
    bridge, tip = _colour(picture, mesh, BRIDGE), _colour(picture, mesh, TIP)
    return float(np.hypot(*(tip - bridge)[1:]))


def _light(picture: Pixels, mesh: Mesh) -> Light:
    left, right = (
        _colour(picture, mesh, RIGHT_CHEEK),
        _colour(picture, mesh, LEFT_CHEEK),
    )  # a face's right is on the left
    both = _colour(picture, mesh, (*BOTH_CHEEKS, *BRIDGE))
    return Light(float(both[0]), float(right[0] - left[0]), float(both[2]))


def _colour(picture: Pixels, mesh: Mesh, points: Sequence[int]) -> Floats:
    """The median colour in Lab about some points of the mesh."""
    height, width = picture.shape[:2]
    radius = max(1, round(0.02 * float(np.ptp(mesh.points[:, 0]))))
    seen = []
    for x, y in mesh.points[list(points), :2].round().astype(int):
        part = picture[max(0, y - radius) : max(0, y + radius + 1), max(0, x - radius) : max(0, x + radius + 1)]
        if part.size and x < width and y < height:
            seen.append(part.reshape(-1, 3))
    if not seen:
        return np.zeros(3, np.float32)
    colours = np.concatenate(seen)[None].astype(np.float32) / 255
    return np.asarray(np.median(cv2.cvtColor(colours, cv2.COLOR_RGB2LAB)[0], axis=0), np.float32)


def _mesh_of(vision: Vision, picture: Pixels, one: Instance) -> Mesh | None:
    """The mesh of an instance's face, looked for again in its surroundings."""
    if one.face is None:
        return None
    height, width = picture.shape[:2]
    size = np.array([width, height, width, height], np.float32)
    box = np.asarray(one.face.box, np.float32) * size
    face = Detection(one.face.score, box, np.asarray(one.face.points * size[:2], np.float32))
    return vision.mesh(picture, face)


def _reference(vision: Vision, photo: Pixels, index: int, scene: Scene, who: int, mesh: Mesh | None) -> Reference:
    instance = with_matte(photo, scene, who)
    instances = tuple(instance if number == who else one for number, one in enumerate(scene.instances))
    picture = scaled(photo, WORKING)
    face = instance.face
    box = face.box if face is not None else instance.box
    return Reference(
        index=index,
        scene=replace(scene, instances=instances),
        who=who,
        instance=instance,
        picture=cut_out(photo, instance),
        face=face.box if face is not None else None,
        yaw=mesh.yaw if mesh is not None else 0.0,
        pitch=mesh.pitch if mesh is not None else 0.0,
        sharpness=sharpness(picture, mesh) if mesh is not None else _crispness(picture, instance.mask),
        width=(box[2] - box[0]) * photo.shape[1],
        light=_light(picture, mesh) if mesh is not None else None,
    )


def _crispness(picture: Pixels, mask: Floats) -> float:
    """The sharpness of what is in a mask."""
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float32)
    inside = mask > 0.5
    if not inside.any():
        return 0.0
    lost = np.abs(grey - cv2.GaussianBlur(grey, (0, 0), 1.5))[inside].mean()
    return float(lost / (grey[inside].std() + 1))
