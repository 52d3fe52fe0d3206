"""Look at a photo once: who is in it, where, how they stand."""

import hashlib
import json
from dataclasses import replace
from functools import cache
from pathlib import Path

import cv2
import numpy as np

from pipeline.engine import Progress, Work
from pipeline.imaging.geometry import scaled
from pipeline.vision import bodies, masks, posture
from pipeline.vision.bodies import Body
from pipeline.vision.detection import Detection, Pixels, covered, everywhere, far_faces, merged, near_faces
from pipeline.vision.detection import bodies as body_detector
from pipeline.vision.faceless import at_point, without_face
from pipeline.vision.identity import Identity
from pipeline.vision.mesh import Mesh, mesh
from pipeline.vision.networks import Floats, Networks
from pipeline.vision.scene import WORKING, Box, Face, Instance, Scene
from storage.model_files import ARCHIVES

LEVELS = (1, 2, 3, 4)  # tiles a side in which faces are looked for


@cache
def version() -> str:
    """A short name of the networks and of the code that sees by them: another one may see otherwise."""
    digest = hashlib.blake2b(json.dumps(ARCHIVES, sort_keys=True).encode(), digest_size=6)
    for file in sorted(Path(__file__).parent.iterdir()):
        if file.suffix in (".py", ".json"):
            digest.update(file.read_bytes())
    return digest.hexdigest()


class Vision:
    """Everything that sees. One object serves all threads of a process.

    Raises EngineError, with the command that helps, where a model file is missing.
    """

    def __init__(self, folder: Path) -> None:
        self.networks = Networks(folder)
        self.identity = Identity(self.networks)
        self._far, self._near = far_faces(self.networks.faces_far), near_faces(self.networks.faces_near)
        self._bodies = body_detector(self.networks.bodies)

    def look(self, photo: Pixels) -> Work[Scene]:
        """The scene of a photo, uint8 (H, W, 3) of any size, without names and without mattes."""
        picture = scaled(photo, WORKING)
        yield Progress(0, 10, "正在看照片里有谁")
        faces = self.faces(picture)
        found: list[tuple[Body, Mesh | None]] = []
        for index, (face, its_mesh) in enumerate(faces):
            yield Progress(1 + 5 * index // len(faces), 10, "正在看照片里有谁")
            others = [other for other, _ in faces if other is not face]
            body = bodies.with_face(self.networks.body, self._bodies, picture, face, others)
            if body.quality >= self.networks.thresholds["pose_landmark_full.tflite"]["body"]:
                found.append((body, its_mesh))
        yield Progress(6, 10, "正在看有没有背影和路人")
        known = [body for body, _ in found]
        thresholds = self.networks.thresholds["pose_detection.tflite"]
        found += [
            (body, None)
            for body in without_face(self.networks.body, self._bodies, self.networks.figure, picture, known, thresholds)
        ]
        found.sort(key=lambda pair: float(masks.middle(pair[0])[0]))
        yield Progress(7, 10, "正在分清谁是谁")
        persons = self._persons(picture, found)
        yield Progress(10, 10, "看清楚了")
        return Scene(photo.shape[:2], tuple(persons))

    def faces(self, picture: Pixels) -> list[tuple[Detection, Mesh]]:
        """The faces of a picture from left to right, in its pixels, with their meshes.

        Two nets must agree: what the detector finds is a face as far as the mesh net, which looks closely, sees one.
        """
        wanted = self.networks.thresholds["face_detection_full_range_sparse.tflite"]
        found = everywhere(self._far, picture, LEVELS, wanted["candidate"])
        near = merged(self._near(picture, wanted["candidate"]))
        found += [one for one in near if not any(covered(one.box, other.box) > 0.3 for other in found)]
        kept = []
        for one in found:
            its_mesh = self.mesh(picture, one)
            if one.score * its_mesh.presence >= wanted["face"]:
                kept.append((one, its_mesh))
        return sorted(kept, key=lambda pair: float(pair[0].centre[0]))

    def mesh(self, picture: Pixels, face: Detection) -> Mesh:
        """The mesh of a detected face, in the picture's pixels."""
        return mesh(self.networks.face_mesh, picture, face)

    def pointed(self, photo: Pixels, scene: Scene, point: tuple[float, float]) -> Instance | None:
        """Somebody under a point (shares of the photo) who is none of the scene's: half hidden, small, from behind."""
        picture = scaled(photo, WORKING)
        height, width = picture.shape[:2]
        h, w, scale = bodies.grid_of(picture)
        known = [cv2.resize(one.mask, (w, h), interpolation=cv2.INTER_AREA) for one in scene.persons]
        taken = np.maximum.reduce(known) if known else np.zeros((h, w), np.float32)
        where = np.array([point[0] * width, point[1] * height], np.float32)
        wanted = self.networks.thresholds["pointed"]
        body = at_point(self.networks.body, self.networks.figure, picture, where, taken, wanted)
        if body is None:
            return None
        small = np.asarray(cv2.resize(picture, (w, h), interpolation=cv2.INTER_AREA), np.uint8)
        placed = _scaled(body, scale)
        (cut,) = masks.separated(self.networks.figure, small, [placed])
        mask = enlarged(np.where(taken > 0.5, 0, cut).astype(np.float32), height, width)
        points = np.asarray(body.points / np.array([width, height, 1]), np.float32)
        return Instance("person", box_of(mask), mask, body.quality, keypoints=points, posture="bust")

    def _persons(self, picture: Pixels, found: list[tuple[Body, Mesh | None]]) -> list[Instance]:
        height, width = picture.shape[:2]
        h, w, scale = bodies.grid_of(picture)
        small = np.asarray(cv2.resize(picture, (w, h), interpolation=cv2.INTER_AREA), np.uint8)
        placed = [_scaled(body, scale) for body, _ in found]
        cut = masks.separated(self.networks.figure, small, placed)
        shares, by, ranks = posture.visible(placed, cut)
        persons = []
        for index, (body, its_mesh) in enumerate(found):
            mask = enlarged(cut[index], height, width)
            face = None
            if body.face is not None and its_mesh is not None:
                embedding = self.identity.embedding(picture, its_mesh)
                face = _face(body.face, its_mesh, embedding, height, width)
            persons.append(
                Instance(
                    "person",
                    box_of(mask),
                    mask,
                    body.quality,
                    face=face,
                    keypoints=np.asarray(body.points / np.array([width, height, 1]), np.float32),
                    posture=posture.posture(placed[index], cut[index]),
                    visible=shares[index],
                    hidden_by=by[index],
                    rank=ranks[index],
                )
            )
        return persons


def _scaled(body: Body, scale: float) -> Body:
    face = body.face
    if face is not None:
        face = Detection(face.score, face.box * np.float32(scale), face.points * np.float32(scale))
    return replace(
        body, face=face, points=body.points * np.array([scale, scale, 1], np.float32), unit=body.unit * scale
    )


def _face(found: Detection, its_mesh: Mesh, embedding: Floats | None, height: int, width: int) -> Face:
    x0, y0, x1, y1 = (float(v) for v in found.box / np.array([width, height, width, height], np.float32))
    points = np.asarray(found.points / np.array([width, height]), np.float32)
    return Face((x0, y0, x1, y1), found.score, points, embedding, its_mesh.yaw, its_mesh.pitch, its_mesh.roll)


def enlarged(mask: Floats, height: int, width: int) -> Floats:
    """A nearly hard mask at another size, its edge smooth and about two pixels wide."""
    if mask.shape == (height, width):
        return mask
    soft = cv2.resize(cv2.GaussianBlur(mask, (0, 0), 0.8), (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(((soft - 0.5) * 2 + 0.5).clip(0, 1), np.float32)


def box_of(mask: Floats) -> Box:
    """The box of what is over one half; the whole picture where nothing is."""
    height, width = mask.shape
    rows, columns = np.flatnonzero((mask > 0.5).any(1)), np.flatnonzero((mask > 0.5).any(0))
    if not len(rows):
        return 0.0, 0.0, 1.0, 1.0
    x0, x1, y0, y1 = (int(v) for v in (columns[0], columns[-1] + 1, rows[0], rows[-1] + 1))
    return x0 / width, y0 / height, x1 / width, y1 / height
