"""Looking at photos with the real nets."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from pipeline.engine import EngineError, finish
from pipeline.vision.detection import Pixels
from pipeline.vision.looking import Vision
from pipeline.vision.packing import pack, unpack
from pipeline.vision.scene import WORKING, Scene

from .conftest import picture


@pytest.fixture(scope="module")
def alone(vision: Vision, astronaut: Pixels) -> Scene:
    return finish(vision.look(astronaut))


@pytest.fixture(scope="module")
def two(vision: Vision, alone: Scene, astronaut: Pixels) -> tuple[Pixels, Scene]:
    """Her again, mirrored and in green, behind her own right shoulder: her helmet's side is the left of the photo."""
    photo = np.full((512, 800, 3), 205, np.uint8)
    mask = alone.persons[0].mask[..., None]
    green = np.ascontiguousarray(astronaut[..., [1, 0, 2]])
    face = cv2.ellipse(np.zeros((512, 512), np.uint8), (224, 120), (75, 115), 0, 0, 360, 1, -1)[..., None]
    green = np.where(face > 0, astronaut, green)[:, ::-1]
    back = mask[:, ::-1]
    photo[:, :512] = (green * back + photo[:, :512] * (1 - back)).astype(np.uint8)
    photo[:, 288:] = (astronaut * mask + photo[:, 288:] * (1 - mask)).astype(np.uint8)
    return photo, finish(vision.look(photo))


def test_one_person_with_her_face_and_mask(alone: Scene, astronaut: Pixels) -> None:
    (one,) = alone.persons
    assert one.face is not None
    x0, y0, x1, y1 = one.face.box
    assert 0.3 < x0 < 0.4
    assert 0.48 < x1 < 0.58
    assert 0.08 < y0 < 0.2
    assert 0.3 < y1 < 0.38
    assert one.visible > 0.95
    assert one.mask.shape == astronaut.shape[:2]
    assert one.mask.dtype == np.float32
    assert one.mask[330, 200] > 0.9  # the suit
    assert one.mask[60, 225] > 0.9  # hair
    assert one.mask[60, 60] < 0.1  # the flag
    assert one.mask[100, 400] < 0.1  # the shuttle
    assert abs(one.face.yaw) < 15
    assert one.posture in ("bust", "seated")  # the picture ends at her lap


def test_points_are_on_the_face(alone: Scene) -> None:
    face = alone.persons[0].face
    assert face is not None
    right_eye, left_eye, nose, mouth, right_ear, left_ear = face.points
    assert right_ear[0] < right_eye[0] < nose[0] < left_eye[0] < left_ear[0]
    assert right_eye[1] < nose[1] < mouth[1]
    keypoints = alone.persons[0].keypoints
    assert keypoints is not None
    assert keypoints.shape == (33, 3)
    assert np.hypot(*(keypoints[0, :2] - nose)) < 0.05


def test_two_persons_from_left_to_right_and_who_is_before_whom(two: tuple[Pixels, Scene]) -> None:
    _, scene = two
    left, right = scene.persons
    assert left.face is not None
    assert right.face is not None
    assert left.face.box[2] < right.face.box[0]
    both = np.minimum(left.mask, right.mask).sum()
    assert both < 0.1 * min(left.mask.sum(), right.mask.sum())
    assert left.mask[:, 600:].sum() < 0.05 * left.mask.sum()
    assert right.mask[:, :280].sum() < 0.05 * right.mask.sum()
    assert (left.rank, right.rank) == (1, 0)
    assert left.visible < right.visible
    assert left.hidden_by == 1


def test_large_photos_are_seen_like_small_ones(vision: Vision, alone: Scene, astronaut: Pixels) -> None:
    large = cv2.resize(astronaut, (3600, 3600), interpolation=cv2.INTER_CUBIC)
    scene = finish(vision.look(np.asarray(large, np.uint8)))
    (one,) = scene.persons
    assert scene.size == (3600, 3600)
    assert one.mask.shape == (WORKING, WORKING)
    small = cv2.resize(one.mask, (512, 512), interpolation=cv2.INTER_AREA)
    before = alone.persons[0].mask
    assert np.minimum(small, before).sum() > 0.9 * np.maximum(small, before).sum()
    assert one.face is not None
    assert alone.persons[0].face is not None
    assert np.allclose(one.face.box, alone.persons[0].face.box, atol=0.03)


def test_somebody_small_is_found(vision: Vision, astronaut: Pixels) -> None:
    photo = np.full((900, 1600, 3), 120, np.uint8)
    photo[700:860, 1300:1460] = cv2.resize(astronaut, (160, 160), interpolation=cv2.INTER_AREA)
    (one,) = finish(vision.look(photo)).persons
    assert one.face is not None
    assert 0.83 < (one.face.box[0] + one.face.box[2]) / 2 < 0.89


@pytest.mark.parametrize("name", ["coffee", "chelsea"])
def test_what_is_no_person_is_not_called_one(vision: Vision, name: str) -> None:
    assert finish(vision.look(picture(name))).persons == ()


@pytest.mark.parametrize("shape", [(1, 1), (2, 300), (300, 2), (64, 64)])
def test_photos_without_anything(vision: Vision, shape: tuple[int, int]) -> None:
    scene = finish(vision.look(np.full((*shape, 3), 90, np.uint8)))
    assert scene.size == shape
    assert scene.instances == ()


def test_progress_rises_and_work_can_be_cancelled(vision: Vision, astronaut: Pixels) -> None:
    steps = list(vision.look(astronaut))
    assert [step.done for step in steps] == sorted(step.done for step in steps)
    assert all(step.total == 10 for step in steps)
    assert any("谁" in step.stage for step in steps)
    work = vision.look(astronaut)
    next(work)
    work.close()


def test_the_same_photo_looks_the_same_twice(vision: Vision, alone: Scene, astronaut: Pixels) -> None:
    again = finish(vision.look(astronaut.copy()))
    assert np.array_equal(again.persons[0].mask, alone.persons[0].mask)


def test_a_scene_survives_packing(two: tuple[Pixels, Scene]) -> None:
    _, scene = two
    arrays = pack(scene)
    assert all(isinstance(value, np.ndarray) and value.dtype != object for value in arrays.values())
    back = unpack(arrays)
    assert back is not None
    assert back.size == scene.size
    for one, other in zip(scene.instances, back.instances, strict=True):
        assert (one.label, one.box, one.posture, one.rank, one.hidden_by) == (
            (other.label, other.box, other.posture, other.rank, other.hidden_by)
        )
        assert np.abs(one.mask - other.mask).max() <= 0.5 / 255 + 1e-6
        assert one.face is not None
        assert other.face is not None
        assert one.face.embedding is not None
        assert other.face.embedding is not None
        assert np.array_equal(one.face.embedding, other.face.embedding)
        assert one.face.box == other.face.box
    assert unpack(None) is None
    assert unpack({"something": np.zeros(3)}) is None


def test_without_models_the_error_names_the_command(tmp_path: Path) -> None:
    with pytest.raises(EngineError) as caught:
        Vision(tmp_path)
    assert "运行 python -m" in caught.value.sentence


def test_who_is_pointed_at_is_looked_for(vision: Vision, alone: Scene, astronaut: Pixels) -> None:
    nobody = Scene((512, 512))
    found = vision.pointed(astronaut, nobody, (0.4, 0.7))
    assert found is not None
    theirs, hers = found.mask > 0.5, alone.persons[0].mask > 0.5
    assert (theirs & hers).sum() > 0.8 * (theirs | hers).sum()
    assert vision.pointed(astronaut, nobody, (0.9, 0.2)) is None  # the shuttle
    assert vision.pointed(astronaut, alone, (0.4, 0.7)) is None  # she is known already
